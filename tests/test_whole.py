"""Spans widened to the cell, the item or the enumeration that they are most of."""

from __future__ import annotations

import pytest

from partnership_qa.answering.whole import enumeration, whole
from partnership_qa.chunking import Passage, split_document
from partnership_qa.document import make_document
from partnership_qa.reading import ReadSpan
from partnership_qa.sources import read_blocks


def pointed(text: str, words: str) -> tuple[Passage, ReadSpan]:
    """The passage of a text and a span on some of its words."""
    document = make_document("a.md", text.encode(), text, read_blocks(text, ".md"))
    (passage,) = split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=254)
    start = text.index(words)
    unit = next(n for n, u in enumerate(passage.units) if u.start <= start < u.end)
    return passage, ReadSpan(start, start + len(words), unit, 3.0)


def said(passage: Passage, span: ReadSpan) -> str:
    return passage.text[span.start - passage.start : span.end - passage.start]


@pytest.mark.parametrize(
    ("text", "words", "wider"),
    [
        ("| Boat | Fee |\n|---|---|\n| Long dinghy | 3 kroner a day |\n", "3 kroner", "3 kroner a day"),
        ("- Safety: Pressure that may harm the harbour.\n- Cost: none\n", "Pressure that may harm the",
         "Pressure that may harm the harbour"),
        # less than half of it
        ("| Boat | Fee |\n|---|---|\n| Long dinghy | 3 kroner a day |\n", "3", "3"),
        ("- Safety: Pressure that may harm the harbour.\n- Cost: none\n", "harbour", "harbour"),
        # no label, and no list
        ("- Pressure that may harm the harbour.\n- Cost\n", "Pressure that may harm", "Pressure that may harm"),
        ("Note: Pressure that may harm the harbour.\n", "Pressure that may harm", "Pressure that may harm"),
        # over the border of a cell
        ("| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n", "Dinghy | 3", "Dinghy | 3"),
    ],
)  # fmt: skip
def test_a_span_that_is_most_of_a_cell_or_an_item_is_all_of_it(text: str, words: str, wider: str) -> None:
    passage, span = pointed(text, words)
    assert said(passage, whole(passage, span)) == wider


@pytest.mark.parametrize(
    ("text", "words", "wider"),
    [
        ("Models for healthcare, finance, etc. will come.", "healthcare", "healthcare, finance, etc."),
        ("They sell oil, salted fish and rope.", "oil", "oil, salted fish and rope"),
        ("They sell oil, salted fish, and rope (tarred).", "salted fish", "salted fish, and rope"),
        ("They sell oil or rope; nets are free.", "oil", "oil or rope"),
        # what follows is no thing of the list
        ("They sell oil, which the keeper of the old light burns.", "oil", "oil"),
        ("They sell oil. Rope is free.", "oil", "oil"),
    ],
)
def test_an_enumeration_is_taken_to_its_end(text: str, words: str, wider: str) -> None:
    passage, span = pointed(f"{text}\n", words)
    assert said(passage, enumeration(passage, span)) == wider


def test_the_cells_of_a_row_are_no_enumeration() -> None:
    passage, span = pointed("| Boat | Fee |\n|---|---|\n| Dinghy, small | 3 |\n", "Dinghy")
    assert enumeration(passage, span) == span
