"""Numbers that Word computes, against what Word shows for the same lists."""

from __future__ import annotations

import pytest
from files import item, level, word

from partnership_qa.sources.docx import read_docx
from partnership_qa.sources.numbering import number_in

LEGAL = level(0, "%1.") + level(1, "%1.%2") + level(2, "(%3)", "lowerLetter") + level(3, "(%4)", "lowerRoman")


def lists(*definitions: str, more: str = "") -> str:
    """Lists 1, 2 … with these definitions."""
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{n}">{one}</w:abstractNum>' for n, one in enumerate(definitions, 1)
    )
    nums = "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(1, len(definitions) + 1)
    )
    return abstract + nums + more


def shown(body: str, numbering: str, styles: str = "") -> list[str]:
    """The numbered lines as they are shown."""
    return read_docx(word(body, numbering, styles=styles)).text.strip().split("\n")


def test_clauses_are_numbered_with_the_levels_above_them() -> None:
    body = "".join(item(f"text {n}.", at) for n, at in enumerate([0, 1, 1, 2, 2, 3, 1, 0, 1, 2]))
    assert shown(body, lists(LEGAL)) == [
        "1. text 0.", "1.1 text 1.", "1.2 text 2.", "1.2 (a) text 3.", "1.2 (b) text 4.", "1.2 (b) (i) text 5.",
        "1.3 text 6.", "2. text 7.", "2.1 text 8.", "2.1 (a) text 9.",
    ]  # fmt: skip


def test_a_number_stands_before_the_content_of_its_item() -> None:
    taken = read_docx(word(item("It ends.", 1), lists(LEGAL)))
    block = taken.blocks[0]
    assert (taken.text[block.start : block.end], taken.text[slice(*block.content)]) == ("1.1 It ends.", "It ends.")


@pytest.mark.parametrize(("kind", "number", "written"), [
    ("decimal", 12, "12"), ("decimalZero", 3, "03"), ("decimalZero", 12, "12"), ("upperRoman", 1994, "MCMXCIV"),
    ("lowerRoman", 4, "iv"), ("lowerLetter", 26, "z"), ("lowerLetter", 28, "bb"), ("upperLetter", 53, "AAA"),
    ("ordinal", 2, "2nd"), ("ordinal", 12, "12th"), ("ordinal", 23, "23rd"), ("none", 4, ""),
    ("chineseCounting", 3, "3"),
])  # fmt: skip
def test_formats_of_numbers(kind: str, number: int, written: str) -> None:
    assert number_in(kind, number) == written


def test_a_list_goes_on_after_paragraphs_between() -> None:
    body = item("one.") + "<w:p><w:r><w:t>Between.</w:t></w:r></w:p>" + item("two.")
    assert [line for line in shown(body, lists(LEGAL)) if line] == ["1. one.", "Between.", "2. two."]


def test_an_override_starts_a_list_anew_once() -> None:
    again = '<w:num w:numId="2"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>' \
        "</w:lvlOverride></w:num>"  # fmt: skip
    body = item("a.") + item("b.") + item("c.", of=2) + item("d.", of=2) + item("e.")
    assert shown(body, lists(LEGAL, more=again)) == ["1. a.", "2. b.", "5. c.", "6. d.", "7. e."]


def test_an_override_may_have_a_level_of_its_own() -> None:
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "%1)", "upperLetter")}</w:lvlOverride>'
    other = f'<w:num w:numId="2"><w:abstractNumId w:val="1"/>{own}</w:num>'
    assert shown(item("a.", of=2), lists(LEGAL, more=other)) == ["A) a."]


def test_levels_start_again_where_their_list_says_and_not_elsewhere() -> None:
    never = level(0, "%1.") + level(1, "%2)", more='<w:lvlRestart w:val="0"/>')
    body = item("a.") + item("b.", 1) + item("c.") + item("d.", 1)
    assert shown(body, lists(never)) == ["1. a.", "1 1) b.", "2. c.", "2 2) d."]


def test_a_level_that_starts_elsewhere_and_one_that_is_skipped() -> None:
    body = item("a.", 1) + item("b.")
    assert shown(body, lists(level(0, "%1.", start=4) + level(1, "%1.%2", start=0))) == ["4.0 a.", "5. b."]


def test_legal_numbers_are_figures() -> None:
    legal = level(0, "Article %1", "upperRoman") + level(1, "%1.%2", more="<w:isLgl/>")
    assert shown(item("a.") + item("b.", 1), lists(legal)) == ["Article I a.", "1.1 b."]


def test_bullets_are_no_numbers_and_carry_none() -> None:
    mixed = level(0, "%1.") + level(1, "•", "bullet")
    assert shown(item("a.") + item("b.", 1), lists(mixed)) == ["1. a.", "- b."]


def test_two_lists_of_one_definition_share_its_numbers() -> None:
    same = '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    assert shown(item("a.") + item("b.", of=2), lists(LEGAL, more=same)) == ["1. a.", "2. b."]


def test_a_style_gives_list_and_level_and_what_is_based_on_it_inherits_them() -> None:
    bound = level(0, "%1.") + level(1, "%1.%2", more='<w:pStyle w:val="Clause"/>')
    styles = '<w:style w:type="paragraph" w:styleId="Clause"><w:name w:val="Clause"/><w:pPr><w:numPr>' \
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Sub">' \
        '<w:name w:val="Sub"/><w:basedOn w:val="Clause"/></w:style>'  # fmt: skip
    body = item("a.") + "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>text.</w:t></w:r></w:p>'
        for style in ("Clause", "Sub")
    )
    assert shown(body, lists(bound), styles) == ["1. a.", "1.1 text.", "1.2 text."]


def test_a_list_that_points_at_a_style_has_the_levels_of_that_styles_list() -> None:
    styles = '<w:style w:type="numbering" w:styleId="Law"><w:name w:val="Law"/><w:pPr><w:numPr><w:numId w:val="2"/>' \
        "</w:numPr></w:pPr></w:style>"  # fmt: skip
    assert shown(item("a."), lists('<w:numStyleLink w:val="Law"/>', level(0, "§ %1")), styles) == ["§ 1 a."]


def test_a_deleted_paragraph_is_not_counted_and_an_empty_one_is() -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    deleted = (
        item("x", more="").replace("<w:t>x</w:t>", "<w:delText>x</w:delText>").replace("</w:pPr>", f"{gone}</w:pPr>")
    )
    assert shown(item("a.") + deleted + item("b."), lists(LEGAL)) == ["1. a.", "2. b."]
    assert shown(item("a.") + item("") + item("b."), lists(LEGAL)) == ["1. a.", "3. b."]


def test_a_paragraph_may_take_itself_out_of_the_list_of_its_style() -> None:
    body = item("text.", of=0, more='<w:pStyle w:val="ListNumber"/>')
    assert shown(body, lists(LEGAL)) == ["text."]


def test_lists_that_do_not_exist_or_lead_in_circles_are_read_without_numbers() -> None:
    styles = '<w:style w:type="numbering" w:styleId="Law"><w:name w:val="Law"/><w:pPr><w:numPr><w:numId w:val="1"/>' \
        '</w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="B"/></w:style>' \
        '<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>'  # fmt: skip
    body = item("a.") + item("b.", of=9) + '<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r><w:t>c.</w:t></w:r></w:p>'
    assert [line for line in shown(body, lists('<w:numStyleLink w:val="Law"/>'), styles) if line] == [
        "a.",
        "- b.",
        "c.",
    ]
