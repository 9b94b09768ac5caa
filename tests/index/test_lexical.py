"""The word half: BM25 against its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.index.lexical import LexicalIndex
from partnership_qa.text import terms

TEXTS = ["The ferry sails at noon.", "No ferry, no ferries, no boats.", "Boats are dear.", ""]


def _bm25(texts: list[str], query: str, k1: float = 1.2, b: float = 0.75) -> list[float]:
    """Lucene's BM25, as Kamphuis et al. (2020) write it, a term at a time."""
    documents = [terms(text) for text in texts]
    mean = sum(map(len, documents)) / len(documents)
    scores = []
    for document in documents:
        score = 0.0
        for term in terms(query):
            holding = sum(term in other for other in documents)
            frequency = document.count(term)
            rarity = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
            score += rarity * frequency / (frequency + k1 * (1 - b + b * len(document) / mean))
        scores.append(score)
    return scores


@given(st.lists(st.text(alphabet="ab c", max_size=20), min_size=1, max_size=8), st.text(alphabet="ab cd", max_size=10))
def test_scores_are_those_of_the_formula(texts: list[str], query: str) -> None:
    if not any(terms(text) for text in texts):
        texts = [*texts, "a"]
    np.testing.assert_allclose(LexicalIndex(texts).scores(query), _bm25(texts, query), rtol=1e-4, atol=1e-5)


def test_forms_of_a_word_are_one_word() -> None:
    scores = LexicalIndex(TEXTS).scores("ferries")
    assert scores[1] > scores[0] > 0
    assert scores[2] == scores[3] == 0


@pytest.mark.parametrize("query", ["", "zeppelin", "?!", "\0", "🙂"])
def test_a_query_of_unknown_words_finds_nothing(query: str) -> None:
    assert LexicalIndex(TEXTS).scores(query).tolist() == [0, 0, 0, 0]


def test_a_corpus_without_a_word_can_be_indexed() -> None:
    assert LexicalIndex(["…", "—"]).scores("word").tolist() == [0, 0]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6), st.text(max_size=30))
def test_what_is_written_scores_the_same(texts: list[str], query: str) -> None:
    lexical = LexicalIndex(texts)
    again = LexicalIndex.from_files(lexical.to_files(), len(texts))
    np.testing.assert_array_equal(again.scores(query), lexical.scores(query))
    assert again.to_files() == lexical.to_files()


def test_a_passage_beyond_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 2 passages"):
        LexicalIndex.from_files(LexicalIndex(TEXTS).to_files(), 2)


def test_holds_tells_whether_a_stem_occurs() -> None:
    lexical = LexicalIndex(TEXTS)
    assert lexical.holds("boat")
    assert not lexical.holds("boats")


def test_rarity_falls_with_the_passages_that_hold_a_word() -> None:
    index = LexicalIndex(["oil lamp", "oil lens", "oil quay"])
    assert index.rarity("oil") == pytest.approx(math.log(4 / 3.5))
    assert index.rarity("lamp") == pytest.approx(math.log(4 / 1.5))
    assert index.rarity("zebra") == pytest.approx(math.log(4 / 0.5))
