"""Logits to spans, against a slow and obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.chunking import Passage, Unit
from partnership_qa.document import BlockKind
from partnership_qa.reading.spans import (
    MAX_ANSWER_TOKENS,
    Reading,
    Scores,
    best_spans,
    mean_scores,
    support_of_units,
)
from partnership_qa.reading.view import view
from partnership_qa.text import Span

TEXT = "Anna Berg kept it. Olof Lind left."
UNITS = tuple(Unit(BlockKind.PARAGRAPH, s, e, Span(s, e)) for s, e in ((0, 18), (19, 34)))
PASSAGE = Passage("a.txt", 0, len(TEXT), TEXT, (), 1, UNITS)
TOKENS = [Span(0, 4), Span(5, 9), Span(10, 14), Span(15, 17), Span(17, 18), Span(19, 23), Span(24, 28), Span(29, 33)]


def scores(tokens: list[Span], starts: list[float], ends: list[float]) -> Scores:
    return Scores(tokens, np.array(starts, np.float32), np.array(ends, np.float32))


def spans(starts: list[float], ends: list[float]) -> list[tuple[str, float]]:
    found = best_spans(PASSAGE, view(PASSAGE), scores(TOKENS, starts, ends))
    return [(TEXT[s.start : s.end], round(s.score, 4)) for s in found]


def test_the_best_span_is_the_best_pair_and_its_score_is_their_sum() -> None:
    assert spans([5, 0, 0, 0, 0, 1, 0, 0], [0, 4, 0, 0, 0, 0, 2, 0])[0] == ("Anna Berg", 9.0)


def test_a_span_never_crosses_two_sentences() -> None:
    assert spans([9, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 9])[0] == ("Anna Berg kept it", 10.0)


def test_later_spans_share_no_token_with_earlier_ones() -> None:
    texts = [text for text, _ in spans([5, 4, 0, 0, 0, 3, 0, 0], [0, 5, 0, 0, 0, 0, 3, 0])]
    assert texts[:2] == ["Anna Berg", "Olof Lind"]
    assert not any("Berg" in text for text in texts[1:])


def test_a_span_is_widened_to_whole_words() -> None:
    tokens = [Span(0, 2), Span(2, 4), Span(5, 9)]
    found = best_spans(PASSAGE, view(PASSAGE), scores(tokens, [0, 5, 0], [0, 5, 0]))
    assert TEXT[found[0].start : found[0].end] == "Anna"


def test_nothing_to_quote_gives_no_span() -> None:
    assert best_spans(PASSAGE, view(PASSAGE), scores([], [], [])) == ()
    assert Reading((), 0.0).score == float("-inf")


@given(st.lists(st.tuples(st.floats(-9, 9, width=32), st.floats(-9, 9, width=32)), min_size=8, max_size=8))
def test_the_best_span_agrees_with_trying_every_pair(logits: list[tuple[float, float]]) -> None:
    starts, ends = (np.array(column, np.float32) for column in zip(*logits, strict=True))
    first_sentence = range(5)
    slow = max(
        float(starts[i] + ends[j])
        for i in range(8)
        for j in range(i, min(8, i + MAX_ANSWER_TOKENS))
        if (i in first_sentence) == (j in first_sentence)
    )
    fast = best_spans(PASSAGE, view(PASSAGE), Scores(TOKENS, starts, ends))[0].score
    assert abs(fast - slow) < 1e-5


def test_tokens_that_two_readers_scored_count_by_the_mean_of_both() -> None:
    first = scores(TOKENS, [1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2, 2, 2])
    again = scores(TOKENS[5:], [5, 9, 1], [2, 6, 10])
    mixed = mean_scores(first, again, 0.25)
    assert mixed.starts.tolist() == [1, 1, 1, 1, 1, 2, 3, 1]
    assert mixed.ends.tolist() == [2, 2, 2, 2, 2, 2, 3, 4]
    assert first.starts.tolist() == [1] * 8


def test_the_support_of_a_unit_is_the_mean_of_its_tokens() -> None:
    logits = np.array([1, 2, 3, 4, 5, -1, -2, -6], np.float32)
    assert support_of_units(PASSAGE, view(PASSAGE), TOKENS, logits) == (3.0, -3.0)


def test_a_unit_that_the_reader_did_not_see_has_the_lowest_support() -> None:
    alone = view(PASSAGE, only=(1,))
    tokens = [Span(0, 4), Span(5, 9), Span(10, 14)]
    assert support_of_units(PASSAGE, alone, tokens, np.array([-1, -2, -6], np.float32)) == (-3.0, -3.0)


def test_no_more_spans_than_asked_for() -> None:
    found = best_spans(PASSAGE, view(PASSAGE), scores(TOKENS, [5.0] * 8, [4.0] * 8), most=1)
    assert len(found) == 1
