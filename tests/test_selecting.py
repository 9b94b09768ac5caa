"""Which quotes stand beside the best one."""

from __future__ import annotations

import pytest

from partnership_qa.answering.candidates import FURTHER_QUOTES, WIDE_QUOTES, Assessment, Candidate, further_of, named
from partnership_qa.answering.confidence import FEATURES, Features
from partnership_qa.chunking import Passage, Unit
from partnership_qa.question.form import question_words
from partnership_qa.reading import ReadSpan
from partnership_qa.retrieval import Hit
from partnership_qa.text import Span

NO_EVIDENCE = Features(*[0.0] * len(FEATURES))


def hits(units: int, cells: tuple[Span, ...] = ()) -> list[Hit]:
    """Two hits of as many units, two characters each; with `cells` rows of one table in each."""
    found = []
    for number in (0, 1):
        made = tuple(Unit("paragraph", 2 * n, 2 * n + 2, Span(2 * n, 2 * n + 2), cells=cells) for n in range(units))
        found.append(Hit(Passage(f"{number}.md", 0, 2 * units, "ab" * units, (), 1, made), number, 1.0, 1.0, 1.0))
    return found


def candidate(hit: int, unit: int, score: float = 5.0) -> Candidate:
    return Candidate(hit, ReadSpan(2 * unit, 2 * unit + 1, unit, score), score)


def further(
    others: list[tuple[Candidate, float]], *, wide: bool, same: tuple[Candidate, ...] = (), confidence: float = 0.8
) -> list[Candidate]:
    """What is quoted beside a best candidate of that confidence, of others with the probability given."""
    found = Assessment(candidate(0, 0), same, tuple(c for c, _ in others), NO_EVIDENCE)
    return further_of(found, hits(9), confidence, dict(others).__getitem__, wide=wide)


@pytest.mark.parametrize(("wide", "confidence", "least"), [(True, 0.8, 0.6), (True, 0.3, 0.225), (False, 0.8, 0.7),
                                                           (False, 0.3, 0.2)])  # fmt: skip
def test_a_place_is_quoted_too_that_is_nearly_as_probable_or_may_answer_alone(
    wide: bool, confidence: float, least: float
) -> None:
    near, far = candidate(1, 3), candidate(1, 4)
    others = [(near, least + 0.001), (far, least - 0.001)]
    assert further(others, wide=wide, confidence=confidence) == [near]


@pytest.mark.parametrize("confidence", [0.95, 1.0])
def test_an_answer_that_is_all_but_certain_to_be_right_needs_no_other(confidence: float) -> None:
    assert further([(candidate(1, 3), 0.95)], wide=False, confidence=confidence) == []


@pytest.mark.parametrize(("wide", "most"), [(False, FURTHER_QUOTES), (True, WIDE_QUOTES)])
def test_only_so_many_places_are_quoted(wide: bool, most: int) -> None:
    others = [(candidate(1, n), 0.8) for n in range(7)]
    assert further(others, wide=wide) == [c for c, _ in others[:most]]


def test_another_span_of_a_quoted_sentence_is_no_further_quote() -> None:
    assert further([(candidate(0, 0, 4.0), 0.8)], wide=False) == []


def test_a_place_that_says_the_same_is_quoted_however_probable() -> None:
    same = candidate(1, 2)
    assert further([(same, 0.01)], wide=False, same=(same,)) == [same]


def test_a_place_that_says_the_same_but_does_not_answer_is_left_out() -> None:
    same = candidate(1, 2, score=-1.0)
    assert further([(same, 0.01)], wide=False, same=(same,)) == []


def test_rows_of_another_table_are_not_quoted_beside_a_row() -> None:
    own, other = candidate(0, 3), candidate(1, 3)
    found = Assessment(candidate(0, 0), (), (own, other), NO_EVIDENCE)
    assert further_of(found, hits(5, (Span(0, 1),)), 0.8, lambda _: 0.8, wide=False) == [own]


@pytest.mark.parametrize(
    ("question", "times"),
    [
        ("What did the bridge do for Ferry?", 2),
        ("What did Ferry get for the bridge?", 1),
        ("What did the bridge do for Dale?", 0),
    ],
)
def test_a_question_names_an_item_by_its_label_in_a_row_or_by_its_words(question: str, times: int) -> None:
    text = "For Ferry: a shorter way"
    unit = Unit("list_item", 0, len(text), Span(0, len(text)), group=0)
    passage = Passage("a.md", 0, len(text), text, (), 1, (unit,))
    assert named(question_words(question, lambda _: True), passage, 0) == times
