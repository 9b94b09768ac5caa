"""Sentences that lean on the one before, and where a quote of them begins."""

from __future__ import annotations

import pytest

from partnership_qa.answering.leaning import first_of, leans
from partnership_qa.chunking import Passage, split_document
from partnership_qa.document import make_document
from partnership_qa.sources import read_blocks

BEFORE = "A company was founded in Bergen, and an engine was built there."


def passage_of(text: str) -> Passage:
    document = make_document("a.md", text.encode(), text, read_blocks(text, ".md"))
    (passage,) = split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=254)
    return passage


@pytest.mark.parametrize(
    "sentence",
    [
        "It was sold in 1999.",
        "However, she kept the harbour.",
        "“They never came back,” he wrote.",
        "These engines were loud.",
        "All of this cost nothing.",
        "In addition, its boiler was new.",
        "It was built to last.",
        "The company moved to Oslo.",
        "Later the engine was sold.",
        "The former is the larger one.",
    ],
)
def test_a_sentence_leans_where_it_opens_with_what_was_said_before(sentence: str) -> None:
    assert leans(sentence, BEFORE)


@pytest.mark.parametrize(
    "sentence",
    [
        "Bergen is rainy.",
        "The king came by boat.",  # nothing before speaks of a king
        "The company of the king came.",  # it says which one
        "The engine that was built there is gone.",
        "The Company moved to Oslo.",  # a name
        "It is known that boats float.",
        "It is possible to sail there.",
        "It has often been said that boats float.",
        "It follows that boats float.",
        "In 1999 he sold it.",
        "Italy won.",
        "However, Bergen is rainy.",
        "",
    ],
)
def test_a_sentence_that_says_what_it_is_about_leans_on_nothing(sentence: str) -> None:
    assert not leans(sentence, BEFORE)


@pytest.mark.parametrize(
    ("text", "number", "first"),
    [
        ("Bergen is rainy. It is old.", 1, 0),
        ("Bergen is rainy. It is old. It is near the sea.", 2, 0),
        # three sentences back is too far: the quote would be long and say no more
        ("Bergen is rainy. It is old. It is near the sea. It has a harbour.", 3, 3),
        ("It is old. It is near the sea.", 1, 0),
        ("It is old.", 0, 0),
        ("Bergen is rainy.\n\nIt is old.", 1, 1),
        ("Bergen is\nrainy.\nIt is old.", 1, 0),
        ("- Bergen is rainy.\n- It is old.\n", 1, 1),
    ],
)
def test_a_quote_begins_with_the_sentence_that_its_words_lean_on(text: str, number: int, first: int) -> None:
    assert first_of(passage_of(text), number) == first


def test_a_sentence_that_is_quoted_by_itself_is_not_quoted_twice() -> None:
    passage = passage_of("Bergen is rainy. It is old. It is near the sea.")
    assert first_of(passage, 2, taken={1, 2}) == 2
    assert first_of(passage, 2, taken={0, 2}) == 2
    assert first_of(passage, 2, taken={2}) == 0
