"""The word half: BM25 against its formula."""

from __future__ import annotations

import io
import math

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnership_qa.index import counting
from partnership_qa.index import lexical as module
from partnership_qa.index.counting import count, merge
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


def _all(index: LexicalIndex, texts: list[str], query: str) -> np.ndarray:
    return index.scores(query, np.arange(len(texts)))


def _files(index: LexicalIndex) -> dict[str, bytes]:
    return {name: b"".join(pieces) for name, pieces in index.to_files().items()}


def test_what_words_add_is_to_the_last_bit_what_bm25s_works_out() -> None:
    chance = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in chance.zipf(1.3, size) % 300) for size in chance.integers(1, 90, 400)]
    index = LexicalIndex(texts)
    words = {word: number for number, word in enumerate(index.counts.words)}
    bm25 = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    bm25.index(([[words[term] for term in terms(text)] for text in texts], words), show_progress=False)
    files = _files(index)
    for name in ("data", "indices", "indptr"):
        mine = np.load(io.BytesIO(files[f"{name}.npy"]))
        np.testing.assert_array_equal(mine, np.asarray(bm25.scores[name]))


@settings(max_examples=40)
@given(st.lists(st.text(alphabet="ab c", max_size=12), max_size=8), st.lists(st.text(alphabet="ab cd", max_size=12),
       max_size=8), st.data())  # fmt: skip
def test_counts_of_what_stays_and_what_is_new_are_those_of_all(
    before: list[str], new: list[str], data: st.DataObject
) -> None:
    stays = data.draw(st.lists(st.sampled_from(range(len(before))), unique=True)) if before else []
    numbers = sorted(data.draw(st.permutations(range(len(stays) + len(new))))[: len(new)])
    rest = iter([number for number in range(len(stays) + len(new)) if number not in numbers])
    places = np.full(len(before), -1)
    for one in stays:
        places[one] = next(rest)
    texts = dict(zip(numbers, new, strict=True)) | {int(places[one]): before[one] for one in stays}
    expected = count([texts[number] for number in sorted(texts)])
    merged = merge(count(before), places, count(new), np.array(numbers, dtype=np.int64))
    assert merged.words == expected.words
    for name in ("indptr", "indices", "counts", "lengths"):
        np.testing.assert_array_equal(getattr(merged, name), getattr(expected, name))


@given(st.lists(st.text(alphabet="ab c", max_size=20), min_size=1, max_size=8), st.text(alphabet="ab cd", max_size=10))
def test_scores_are_those_of_the_formula(texts: list[str], query: str) -> None:
    if not any(terms(text) for text in texts):
        texts = [*texts, "a"]
    np.testing.assert_allclose(_all(LexicalIndex(texts), texts, query), _bm25(texts, query), rtol=1e-4, atol=1e-5)


WORDS = [f"w{number}" for number in range(12)]
TEXT_LISTS = st.lists(
    st.lists(st.sampled_from(WORDS[:3] * 4 + WORDS), max_size=12).map(" ".join), min_size=2, max_size=60
)


@pytest.mark.parametrize("many", [0, 20_000])
@settings(max_examples=60)
@given(
    TEXT_LISTS, st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.integers(1, 12),
    st.none() | st.sets(st.integers(0, 59), min_size=1),
)  # fmt: skip
def test_the_best_are_those_of_a_score_of_every_passage(
    many: int, texts: list[str], query: list[str], k: int, chosen: set[int] | None
) -> None:
    """However soon the frequent words are left aside, and whichever passages are looked among."""
    if not any(texts):
        texts = [*texts, "w0"]
    index, asked = LexicalIndex(texts), " ".join(query)
    among = None if chosen is None else np.array(sorted(n for n in chosen if n < len(texts)), dtype=np.int64)
    if among is not None:
        among.flags.writeable = False  # what is made of it is kept for the second time
    scores = _all(index, texts, asked)
    numbers = np.arange(len(texts)) if among is None else among
    expected = numbers[np.lexsort((numbers, -scores[numbers]))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MANY", many)
        found = [index.best(asked, k, among).tolist() for _ in range(2)]
    assert found == [expected[scores[expected] > 0][:k].tolist()] * 2


@given(TEXT_LISTS, st.integers(1, 40))
def test_what_words_add_is_the_same_worked_out_some_at_a_time(texts: list[str], postings: int) -> None:
    counts = count(texts)
    whole = counting.weights(counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_AT_ONCE", postings)
        assert counting.weights(counts).tobytes() == whole.tobytes()


@given(TEXT_LISTS, st.integers(1, 40))
def test_texts_that_are_counted_some_at_a_time_have_the_counts_of_all_at_once(texts: list[str], words: int) -> None:
    whole = count(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_WORDS_AT_ONCE", words)
        parts = count(text for text in texts)
    assert parts.words == whole.words
    for name in ("indptr", "indices", "counts", "lengths"):
        one, other = getattr(parts, name), getattr(whole, name)
        assert (one.dtype, one.tolist()) == (other.dtype, other.tolist())


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=30), st.sampled_from(["ferry", "boats dear", "no"]))
def test_all_of_a_word_written_down_are_those_that_are_sought_one_by_one(texts: list[str], query: str) -> None:
    index = LexicalIndex(texts)
    sought = _all(index, texts, query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", 0)
        assert _all(index, texts, query).tolist() == sought.tolist()


def test_frequent_words_are_looked_up_only_for_passages_that_may_be_among_the_best() -> None:
    texts = ["common rare", *["common"] * 400, "common rare rare"]
    index = LexicalIndex(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MANY", 0)
        asked: list[int] = []
        looked_up = LexicalIndex._looked_up

        def counted(self: LexicalIndex, column: int, numbers: np.ndarray) -> np.ndarray:
            asked.append(len(numbers))
            return looked_up(self, column, numbers)

        patch.setattr(LexicalIndex, "_looked_up", counted)
        assert index.best("rare common", 1).tolist() == [401]
    assert max(asked) == 1


def test_forms_of_a_word_are_one_word() -> None:
    scores = _all(LexicalIndex(TEXTS), TEXTS, "ferries")
    assert scores[1] > scores[0] > 0
    assert scores[2] == scores[3] == 0


@pytest.mark.parametrize("query", ["", "zeppelin", "?!", "\0", "🙂"])
def test_a_query_of_unknown_words_finds_nothing(query: str) -> None:
    assert _all(LexicalIndex(TEXTS), TEXTS, query).tolist() == [0, 0, 0, 0]
    assert LexicalIndex(TEXTS).best(query, 3).tolist() == []


def test_a_corpus_without_a_word_can_be_indexed() -> None:
    assert _all(LexicalIndex(["…", "—"]), ["…", "—"], "word").tolist() == [0, 0]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6), st.text(max_size=30))
def test_what_is_written_scores_the_same(texts: list[str], query: str) -> None:
    lexical = LexicalIndex(texts)
    again = LexicalIndex.from_files(_files(lexical), len(texts))
    np.testing.assert_array_equal(_all(again, texts, query), _all(lexical, texts, query))
    assert _files(again) == _files(lexical)


def test_a_passage_beyond_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match="does not count 2 passages"):
        LexicalIndex.from_files(_files(LexicalIndex(TEXTS)), 2)


def test_holds_tells_whether_a_stem_occurs() -> None:
    lexical = LexicalIndex(TEXTS)
    assert lexical.holds("boat")
    assert not lexical.holds("boats")
    assert lexical.holds("boat", np.array([0, 2]))
    assert not lexical.holds("boat", np.array([0, 3]))
