"""Escaping and marking: whatever a text holds, the page shows it and does nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes
from jinja2.exceptions import TemplateAssertionError, UndefinedError
from markup import PAYLOADS, Reader
from markupsafe import Markup

from partnership_qa.answering.citing import Citation
from partnership_qa.web.html.marks import Mark, pieces
from partnership_qa.web.html.rendering import environment, inert, plural, render

TEMPLATES = environment()
NAMES = TEMPLATES.list_templates()


def filled(template, **values):
    return TEMPLATES.from_string(template).render(values)


def marked(text, start, end, marks, seen=None):
    template = "{% import 'words.html' as w %}{{ w.marked(pieces) }}"
    return filled(template, pieces=pieces(text, start, end, marks, seen))


def address(section, document, line, page=None, place=None):
    cited = Citation(document, 0, 1, "x", (), line, page, section, "", place=place)
    return filled("{% import 'words.html' as w %}{{ w.address(cited, cited.place) }}", cited=cited)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_shown_as_the_text_it_is(payload):
    read = Reader(filled("<p title='{{ it }}' class=\"{{ it }}\">{{ it }}</p>", it=payload))
    assert read.tags == ["p"]
    assert read.text == payload.replace("\u202e", "")


def test_signs_of_templates_and_markdown_are_written_as_numbers():
    assert filled("{{ it }}", it="${x} {{y}} `z`") == "&#36;&#123;x&#125; &#123;&#123;y&#125;&#125; &#96;z&#96;"


def test_controls_are_shown_and_turns_of_direction_dropped():
    assert filled("{{ it }}", it="a\x00b\x1bc\u202ed\u2066e\tf\n") == "a\ufffdb\ufffdcde\tf\n"


def test_what_was_rendered_is_text_to_another_template():
    assert "&lt;div" in render("error.html", message=render("error.html", message="x"))


def test_there_are_templates_to_be_looked_at():
    assert {"answer.html", "refusal.html", "source.html"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_template_has_a_way_round_the_escaping(name):
    """Filters of jinja's own, `~` and operators on strings escape by its rules, which know no controls and no `$`."""
    template = TEMPLATES.parse(TEMPLATES.loader.get_source(TEMPLATES, name)[0])
    assert {one.name for one in template.find_all(nodes.Filter)} <= TEMPLATES.filters.keys()
    assert not [*template.find_all((nodes.Concat, nodes.Mod, nodes.ScopedEvalContextModifier, nodes.MarkSafe))]
    sums = template.find_all(nodes.Add)
    assert all(isinstance(one.right, nodes.Const) and isinstance(one.right.value, int) for one in sums)
    compiled = TEMPLATES.get_template(name)
    assert TEMPLATES.autoescape is True
    assert compiled.environment.finalize is inert


@pytest.mark.parametrize("name", ["safe", "e", "join", "replace", "format"])
def test_filters_that_get_round_the_escaping_are_not_there(name):
    with pytest.raises(TemplateAssertionError):
        TEMPLATES.from_string(f"{{{{ it|{name} }}}}")


def test_a_value_that_was_forgotten_is_an_error():
    with pytest.raises(UndefinedError):
        filled("{{ it }}")


def test_only_what_a_template_made_is_taken_for_html():
    class Sly(str):
        __slots__ = ()

        def __html__(self):
            return "<script>"

    assert filled("{{ it }}", it=Sly("<b>")) == "&lt;b&gt;"
    assert inert(Markup("<b>")) == "<b>"


def test_a_line_break_beside_a_tag_is_nothing_and_in_prose_a_space():
    assert filled("<p>\n  one\n  two <b>\n{{ it }}</b>\n</p>\n", it="a\nb") == "<p>one two <b>a\nb</b></p>"


@given(st.text(), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=5))
def test_marks_never_change_the_text(text, spans):
    marks = [Mark(start, start + length, "quote", f"m{n}") for n, (start, length) in enumerate(spans)]
    assert "".join(piece.text for piece in pieces(text, 0, len(text), marks)) == text
    html = marked(text, 0, len(text), marks)
    assert Reader(html).text == Reader(inert(text)).text
    assert set(Reader(html).tags) <= {"mark"}


def test_overlapping_marks_are_cut_where_they_begin_and_end():
    html = marked("abcdef", 0, 6, [Mark(1, 4, "quote", "one"), Mark(2, 3, "answer")])
    assert html == (
        'a<mark class="pq-quote" id="one" tabindex="-1" data-of="one">b</mark>'
        '<mark class="pq-quote pq-answer" data-of="one">c</mark><mark class="pq-quote" data-of="one">d</mark>ef'
    )


def test_an_anchor_is_given_once_over_several_blocks():
    seen: set[str] = set()
    mark = [Mark(0, 6, "quote", "one")]
    assert 'id="one"' in marked("abcdef", 0, 3, mark, seen)
    assert "id=" not in marked("abcdef", 3, 6, mark, seen)


def test_an_address_names_headings_file_and_place():
    html = address(("A <b>", "B"), "a&b.txt", 12)
    assert Reader(html).text == "A <b> › Ba&b.txt, line 12"
    assert Reader(address((), "a.pdf", 1, 3)).text == "a.pdf, page 3"
    assert Reader(address((), "a.xlsx", 1, None, "'R&D'!C7")).text == "a.xlsx, 'R&D'!C7"
    assert Reader(address((), "a.pptx", 1, 3, "slide 3")).text == "a.pptx, slide 3"


def test_counts_agree_with_what_is_counted():
    assert (plural(1, "document"), plural(2000, "document")) == ("1 document", "2,000 documents")
