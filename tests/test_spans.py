"""Logits to spans, against a slow and obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.chunking import Passage, Unit
from partnership_qa.document import BlockKind
from partnership_qa.reading.spans import MAX_ANSWER_TOKENS, Reading, best_spans
from partnership_qa.reading.view import view
from partnership_qa.text import Span

TEXT = "Anna Berg kept it. Olof Lind left."
UNITS = tuple(Unit(BlockKind.PARAGRAPH, s, e, Span(s, e)) for s, e in ((0, 18), (19, 34)))
PASSAGE = Passage("a.txt", 0, len(TEXT), TEXT, (), 1, UNITS)
TOKENS = [Span(0, 4), Span(5, 9), Span(10, 14), Span(15, 17), Span(17, 18), Span(19, 23), Span(24, 28), Span(29, 33)]


def spans(starts: list[float], ends: list[float], null: float = 0.0) -> list[tuple[str, float]]:
    found = best_spans(PASSAGE, view(PASSAGE), TOKENS, np.array(starts, np.float32), np.array(ends, np.float32), null)
    return [(TEXT[s.start : s.end], round(s.score, 4)) for s in found]


def test_the_best_span_is_the_best_pair_and_its_score_is_over_no_answer() -> None:
    assert spans([5, 0, 0, 0, 0, 1, 0, 0], [0, 4, 0, 0, 0, 0, 2, 0], null=3.0)[0] == ("Anna Berg", 6.0)


def test_a_span_never_crosses_two_sentences() -> None:
    assert spans([9, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 9])[0] == ("Anna Berg kept it", 10.0)


def test_later_spans_share_no_token_with_earlier_ones() -> None:
    texts = [text for text, _ in spans([5, 4, 0, 0, 0, 3, 0, 0], [0, 5, 0, 0, 0, 0, 3, 0])]
    assert texts[:2] == ["Anna Berg", "Olof Lind"]
    assert not any("Berg" in text for text in texts[1:])


def test_a_span_is_widened_to_whole_words() -> None:
    tokens = [Span(0, 2), Span(2, 4), Span(5, 9)]
    found = best_spans(
        PASSAGE, view(PASSAGE), tokens, np.array([0, 5, 0], np.float32), np.array([0, 5, 0], np.float32), 0.0
    )
    assert TEXT[found[0].start : found[0].end] == "Anna"


def test_nothing_to_quote_gives_no_span() -> None:
    empty = np.zeros(0, np.float32)
    assert best_spans(PASSAGE, view(PASSAGE), [], empty, empty, 0.0) == ()
    assert Reading((), 0.0, 0.0).score == float("-inf")


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
    fast = best_spans(PASSAGE, view(PASSAGE), TOKENS, starts, ends, 0.0)[0].score
    assert abs(fast - slow) < 1e-5
