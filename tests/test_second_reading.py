"""The best units of a passage are read once more by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from partnership_qa.chunking import Passage, Unit
from partnership_qa.document import BlockKind
from partnership_qa.reading.onnx import HOPELESS, SECOND_READINGS, OnnxReader
from partnership_qa.reading.spans import Scores
from partnership_qa.text import Span

if TYPE_CHECKING:
    from partnership_qa.reading.view import View

WORDS = ("ab", "cd", "ef", "gh", "ij")


class Marks(OnnxReader):
    """Every unit is one word; a graph is the mark that it gives to each of them as a start and as an end."""

    def __init__(self, passage: list[float], sentences: list[float]) -> None:
        self._passages, self._sentences, self._words, self._place = passage, sentences, 0.5, 0.25
        self.looked: list[int] = []

    def _scores(self, session: list[float], head: list[int], shown: View) -> tuple[Scores, float]:
        if session is self._sentences:
            self.looked += [segment.unit for segment in shown.segments]
        marks = np.array([session[segment.unit] for segment in shown.segments], np.float32)
        return Scores([Span(s.start, s.end) for s in shown.segments], marks, marks), 0.0

    def best(self) -> tuple[str, float]:
        """The best word and its score."""
        places = [Span(3 * n, 3 * n + 2) for n in range(len(self._passages))]
        text = " ".join(WORDS[: len(places)])
        units = tuple(Unit(BlockKind.PARAGRAPH, *place, place) for place in places)
        span = self._read([], Passage("a.txt", 0, len(text), text, (), 1, units)).spans[0]
        return text[span.start : span.end], span.score


def test_the_best_units_are_read_twice_and_no_more() -> None:
    reader = Marks([5, 4, 3, 2, 1], [9, 9, 9, 9, 9])
    assert reader.best() == ("ab", 12.0)
    assert reader.looked == list(range(SECOND_READINGS))


def test_a_unit_that_does_not_answer_by_itself_makes_room_for_the_next() -> None:
    assert Marks([3, 2, 1], [-9, 4, 9]).best() == ("cd", 5.0)


@pytest.mark.parametrize(("mark", "looked"), [(HOPELESS / 2, []), (HOPELESS / 2 + 0.5, [0])])
def test_a_passage_without_hope_is_not_read_twice(mark: float, looked: list[int]) -> None:
    reader = Marks([mark], [0.0])
    reader.best()
    assert reader.looked == looked
