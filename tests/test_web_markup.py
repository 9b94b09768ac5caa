"""Escaping and marking: whatever a text holds, the page shows it and does nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_web_payloads import PAYLOADS, Reader

from partnership_qa.web.markup import Mark, address, esc, marked, plural


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_shown_as_the_text_it_is(payload):
    read = Reader(f"<p title='{esc(payload)}' class=\"{esc(payload)}\">{esc(payload)}</p>")
    assert read.tags == ["p"]
    assert read.text == payload.replace("\u202e", "")


def test_signs_of_templates_and_markdown_are_written_as_numbers():
    assert esc("${x} {{y}} `z`") == "&#36;&#123;x&#125; &#123;&#123;y&#125;&#125; &#96;z&#96;"


def test_controls_are_shown_and_turns_of_direction_dropped():
    assert esc("a\x00b\x1bc\u202ed\u2066e\tf\n") == "a\ufffdb\ufffdcde\tf\n"


@given(st.text(), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=5))
def test_marks_never_change_the_text(text, spans):
    marks = [Mark(start, start + length, "quote", f"m{n}") for n, (start, length) in enumerate(spans)]
    html = marked(text, 0, len(text), marks)
    assert Reader(html).text == Reader(esc(text)).text
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


def test_counts_agree_with_what_is_counted():
    assert (plural(1, "document"), plural(2000, "document")) == ("1 document", "2,000 documents")
