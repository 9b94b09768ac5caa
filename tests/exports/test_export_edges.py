"""Exports of what is seldom: rows of unequal length, quotes out of order, candidates, and pages that are no PDF's."""

from __future__ import annotations

import json

from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, AnswerPart, Kind, NoAnswer, Reason
from partnership_qa.exports.annotations import NO_CLAIM, to_annotations
from partnership_qa.exports.exchange import Exchange, Numbering
from partnership_qa.exports.fragments import text_fragment
from partnership_qa.exports.markdown import exchange_markdown
from partnership_qa.exports.references import to_csl
from partnership_qa.text import Span

SHA = "0" * 64


def quote(text, start=0, document="a.md", **more):
    return Citation(
        document, start, start + len(text), text, (Span(start, start + len(text)),), 1, more.pop("page", None), (), SHA,
        **more,
    )  # fmt: skip


def row(text, start, columns=()):
    """A row whose cells are parted by `|`."""
    cells, at = [], start
    for cell in text.split("|"):
        cells.append(Span(at, at + len(cell)))
        at += len(cell) + 1
    return quote(text, start, columns=columns, cells=tuple(cells))


def answer(kind, *cited):
    parts = tuple(AnswerPart(one.quote, (one,)) for one in cited)
    return Exchange("Q?", Answer("Q?", None, "\n".join(one.quote for one in cited), 0.9, cited, "", kind, parts))


def refusal(*candidates):
    return Exchange("Q?", NoAnswer("Q?", None, "No.", 0.1, Reason.DOUBTFUL, (), (), candidates))


def test_rows_have_the_first_names_there_are_and_as_many_cells_as_the_longest():
    text = exchange_markdown(answer(Kind.ROWS, row("a|1", 0), row("b|2|x", 10, ("Boat", "Fee", "Note"))))
    assert text.split("\n")[2:6] == [
        "| Boat | Fee | Note |  |", "| --- | --- | --- | --- |", "| a | 1 |  | [1] |", "| b | 2 | x | [2] |",
    ]  # fmt: skip


def test_rows_are_no_table_where_one_has_no_cells():
    lines = exchange_markdown(answer(Kind.ROWS, row("a|1", 0), quote("plain", 10))).split("\n")
    assert [line for line in lines if line.startswith("- ")] == ["- a|1 [1]", "- plain [2]"]


def test_one_address_for_a_list_begins_at_its_first_item_and_names_no_number_between():
    items = [quote("third", 40), quote("first", 0), quote("second", 20)]
    assert "[1]–[3]" in exchange_markdown(answer(Kind.LIST, *items))
    assert "characters 0–45" in exchange_markdown(answer(Kind.LIST, *items))
    numbering = Numbering()
    for one in (items[0], quote("another", 90), items[1], items[2]):
        numbering.of(one)
    assert "[1][3][4] " in exchange_markdown(answer(Kind.LIST, *items), numbering)
    two = exchange_markdown(answer(Kind.LIST, *items[:2]))
    assert "\n[1][2] a.md, line 1, characters 0–45" in two


def test_a_link_holds_few_long_words_as_they_are():
    words = " ".join([f"Donaudampfschiff{n}" for n in range(8)])
    assert text_fragment(quote(words)) == f":~:text={words.replace(' ', '%20')}"


def test_a_quote_that_answers_is_no_candidate_whichever_comes_first():
    cited = quote("The fee is 3.")
    for order in ([answer(Kind.WORDS, cited), refusal(cited)], [refusal(cited), answer(Kind.WORDS, cited)]):
        (item,) = json.loads(to_csl(order))
        assert "candidate" not in item["note"]


def test_a_page_of_the_corpus_has_no_address_in_the_web():
    (item,) = json.loads(to_csl([answer(Kind.WORDS, quote("The fee is 3.", document="fees.html"))]))
    assert "URL" not in item
    (item,) = json.loads(to_csl([answer(Kind.WORDS, quote("The fee is 3.", document="https://example.org/fees"))]))
    assert item["URL"] == "https://example.org/fees#:~:text=The%20fee%20is%203."


def test_only_a_pdf_has_a_page_by_its_standard():
    for name, pages in (("a.pdf", 1), ("a.pptx", 0)):
        values = json.loads(to_annotations([answer(Kind.WORDS, quote("The fee is 3.", document=name, page=2))]))
        (item,) = values["first"]["items"]
        assert [one["type"] for one in item["target"]["selector"]].count("FragmentSelector") == pages


def test_a_candidate_is_tagged_as_one_and_replies_nothing():
    (item,) = json.loads(to_annotations([refusal(quote("The fee is 3."))]))["first"]["items"]
    assert [(body["purpose"], body["value"]) for body in item["body"]] == [("questioning", "Q?"), ("tagging", NO_CLAIM)]


def test_a_reference_is_found_by_its_page_or_by_its_place_where_that_says_more():
    cited = [
        quote("Avgiften är 3.", document="fees.pdf", page=2),
        quote("The fee is 4.", 20, document="mail.eml", page=3, place="message of 1 May"),
        quote("The fee is 5.", 40),
    ]
    text = to_csl([answer(Kind.WORDS, *cited)])
    assert [item["locator"] for item in json.loads(text)] == ["2", cited[1].where, "line 1"]
    assert "message of 1 May" in cited[1].where
    assert "Avgiften är 3." in text


def test_candidates_are_references_that_say_so_and_what_failed_has_none():
    (item,) = json.loads(to_csl([refusal(quote("The fee is 3."))]))
    assert item["note"].startswith("candidate, no answer is claimed; characters 0-13")
    assert json.loads(to_csl([Exchange("Q?", None)])) == []


def test_the_one_page_of_a_collection_begins_with_its_first_annotation():
    collection = json.loads(to_annotations([answer(Kind.WORDS, quote("The fee is 3."))]))
    assert (collection["total"], collection["first"]["startIndex"]) == (1, 0)


def test_two_parts_are_two_items_and_a_row_that_is_quoted_has_its_number_below_it_alone():
    one, other = row("Sail|40", 0, ("Boat", "Fee")), quote("Closed in 1921.", 60)
    lines = exchange_markdown(answer(Kind.WORDS, one, other)).splitlines()
    assert [line[:2] for line in lines if line.endswith((" [1]", " [2]")) and not line.startswith(">")] == ["- ", "- "]
    (cells,) = (line for line in lines if line.startswith("> | Sail"))
    assert cells == "> | Sail | 40 |"


def test_a_link_holds_a_quote_of_just_the_length_that_is_given_whole():
    words = " ".join(["abcd"] * 24)
    assert len(words) + 1 == 120
    assert "," not in text_fragment(quote(words + "e"))
    assert "," in text_fragment(quote(words + "ef"))
