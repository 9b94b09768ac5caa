"""What comes first of what was read, which lists may answer as wholes, and what is quoted beside the best."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import FAKE_CALIBRATION

from partnership_qa.answering.candidates import (
    FURTHER_QUOTES,
    MAX_ROWS,
    Assessment,
    Candidate,
    assess,
    candidates,
    further_of,
    list_candidates,
    rows_beside,
)
from partnership_qa.answering.confidence import FEATURES, Calibration, Features, Ranking
from partnership_qa.answering.structure import structure_of
from partnership_qa.chunking import Passage, Unit
from partnership_qa.document import BlockKind
from partnership_qa.question.kind import QuestionKind
from partnership_qa.question.words import Question, question_words
from partnership_qa.reading import Reading, ReadSpan
from partnership_qa.retrieval import Hit
from partnership_qa.text import Span

NO_EVIDENCE = Features(*[0.0] * len(FEATURES))


def asked(text: str) -> Question:
    return Question(text, None, text, text, question_words(text, lambda _: True))


def passage(*units: str, items: range = range(0), document: str = "a.md") -> Passage:
    """A passage of one unit a line; those numbered in `items` are items of one list."""
    text, made = "\n".join(units), []
    for number, unit in enumerate(units):
        start = sum(len(other) + 1 for other in units[:number])
        kind, group = ("list_item", 0) if number in items else ("paragraph", -1)
        made.append(Unit(kind, start, start + len(unit), Span(start, start + len(unit)), group=group))
    return Passage(document, 0, len(text), text, (), 1, tuple(made))


def hit(made: Passage, number: int = 0, score: float = 1.0) -> Hit:
    return Hit(made, number, score, 0.5, 1.0)


def read(made: Passage, *scores: float, support: tuple[float, ...] = (), answerable: float = 0.0) -> Reading:
    """A reading with a span of each unit, of these scores."""
    spans = tuple(ReadSpan(*made.units[n].content, n, score) for n, score in enumerate(scores))
    return Reading(spans, answerable, support)


def test_candidates_are_ordered_by_margin_place_and_what_the_reader_says_of_passage_and_unit() -> None:
    one, other = passage("a b", "c d"), passage("e f", document="b.md")
    found = candidates(
        [hit(one, 0, 1.0), hit(other, 1, 0.5)],
        [read(one, 1.0, 2.0, support=(3.0, -1.0), answerable=0.5), read(other, 1.5, support=(4.0,), answerable=2.0)],
        Ranking(place=2.0, answerable=0.5, support=0.25),
    )
    assert [(c.said, c.score) for c in found] == [("e f", 4.5), ("a b", 4.0), ("c d", 4.0)]


def further(
    probable: list[float], *, confidence: float = 0.8, agreeing: bool = False, margin: float = 5.0
) -> list[int]:
    """Units that are quoted beside the first, of further units whose support makes them as probable as given."""
    import math

    made = passage(*(["ab cd"] * (len(probable) + 1)))
    logits = (0.0, *(math.log(p / (1 - p)) for p in probable))
    reading = read(made, *[margin] * len(logits), support=logits)
    calibration = Calibration(tuple(float(name == "support") for name in FEATURES), 0.0, 0.5)
    all_ = [Candidate(hit(made), reading, span, span.score) for span in reading.spans]
    same = tuple(all_[1:]) if agreeing else ()
    found = Assessment(all_[0], tuple(all_[1:]), NO_EVIDENCE, confidence, agreeing=same)
    return [one.span.unit for one in further_of(asked("x"), found, calibration)]


@pytest.mark.parametrize(("confidence", "least"), [(0.8, 0.7), (0.3, 0.2)])
def test_a_place_is_quoted_too_that_may_answer_where_the_best_one_does_not(confidence: float, least: float) -> None:
    assert further([least + 0.001, least - 0.001], confidence=confidence) == [1]


@pytest.mark.parametrize("confidence", [0.95, 1.0])
def test_an_answer_that_is_all_but_certain_to_be_right_needs_no_other(confidence: float) -> None:
    assert further([0.95], confidence=confidence) == []


def test_only_so_many_places_are_quoted() -> None:
    assert further([0.8] * 7) == list(range(1, FURTHER_QUOTES + 1))


def test_a_place_that_says_the_same_is_quoted_however_probable_if_it_answers() -> None:
    assert further([0.01], agreeing=True) == [1]
    assert further([0.01], agreeing=True, margin=-1.0) == []


def test_rows_of_another_table_are_not_quoted_beside_a_row() -> None:
    unit = Unit("table_row", 0, 5, Span(0, 5), cells=(Span(0, 5),), group=0)
    rows = Passage("a.md", 0, 11, "ab cd\nef gh", (), 1, (unit, replace(unit, start=6, end=11, content=Span(6, 11))))
    other = replace(rows, document="b.md")
    reading = read(rows, 5.0, 5.0)
    best, own = (Candidate(hit(rows, 0), reading, span, 5.0) for span in reading.spans)
    away = Candidate(hit(other, 1), reading, reading.spans[0], 5.0)
    found = Assessment(best, (away, own), NO_EVIDENCE, 0.8)
    likely = Calibration((0.0,) * len(FEATURES), 2.0, 0.5)
    assert further_of(asked("x"), found, likely) == [own]


def test_another_place_with_the_best_one_s_words_agrees_with_it_and_is_no_rival() -> None:
    one, other = passage("In May", "In June"), passage("in  may", document="b.md")
    found = assess(
        asked("When?"),
        structure_of((one, other)),
        [hit(one, 0), hit(other, 1)],
        [read(one, 3.0, 1.0), read(other, 2.5)],
        FAKE_CALIBRATION,
    )
    assert found is not None
    assert [c.passage.document for c in found.agreeing] == ["b.md"]
    assert found.evidence.lead == 2.0


def lists(support: tuple[float, ...], question: str = "Which rules hold?") -> list[dict[str, float]]:
    made = passage("The rules:", "No fire.", "No fish.", "Other words.", items=range(1, 3))
    reading = read(made, 1.0, support=support)
    best = Candidate(hit(made), reading, reading.spans[0], 1.0)
    question_ = replace(asked(question), kind=QuestionKind(several=2.0))
    found = list_candidates(question_, structure_of([made]), [hit(made)], [reading], best)
    return [{name: getattr(one.evidence, name) for name in one.evidence.__slots__} for one in found]


def test_a_list_that_was_read_is_weighed_by_what_the_reader_says_of_its_items() -> None:
    (found,) = lists((1.0, 3.0, -1.0, 0.5))
    assert (found["support"], found["above"], found["led"]) == (1.0, 0.0, 1.0)
    assert [found[name] for name in ("pointed", "several", "table")] == [1.0, 2.0, 0.0]


def test_a_list_that_was_not_read_closely_is_no_candidate() -> None:
    assert lists(()) == []


def table(*lines: str) -> Passage:
    """A table of one cell a row; its header is unit 0."""
    text, units = "\n".join(lines), []
    for number, line in enumerate(lines):
        start = sum(len(other) + 1 for other in lines[:number])
        span = Span(start, start + len(line))
        units.append(Unit(BlockKind.TABLE_ROW, *span, span, group=0, cells=(span,), is_header=number == 0))
    return Passage("a.md", 0, len(text), text, (), 1, tuple(units))


def beside(*support: float, best: int = 1, question: str = "How many?") -> list[int]:
    """Units of a table's rows that answer together; the best row is not the header."""
    made = table(*(f"{n} | x" for n in range(len(support))))
    reading = Reading((ReadSpan(*made.units[best].content, best, 1.0),), 0.0, support)
    one = Candidate(hit(made), reading, reading.spans[0], 1.0)
    return [unit for _, unit in rows_beside(asked(question), structure_of([made]), [hit(made)], [reading], one)]


def test_rows_that_the_reader_supports_as_much_as_the_best_answer_with_it() -> None:
    assert beside(5.0, 3.0, 1.1, 0.9, 4.0) == [1, 2, 4]


def test_a_row_that_the_reader_does_not_take_for_part_of_the_answer_is_not_given() -> None:
    assert beside(5.0, 0.5, -0.1, 0.1) == [1, 3]
    assert beside(5.0, 3.0, 0.9) == []


def test_rows_that_the_reader_does_not_tell_apart_are_not_given() -> None:
    assert beside(0.0, *[3.0] * MAX_ROWS) == list(range(1, MAX_ROWS + 1))
    assert beside(0.0, *[3.0] * (MAX_ROWS + 1)) == []


def test_of_rows_that_answer_together_those_are_given_that_hold_all_names_of_the_question() -> None:
    assert beside(5.0, 3.0, 2.5, 2.0, question="How many in 2?") == [2]
    assert beside(5.0, 3.0, 2.5, 2.0, question="How many in 2 and 3?") == [1, 2, 3]
    assert beside(5.0, 3.0, 2.5, 2.0, question="How many in 7?") == [1, 2, 3]


def test_more_rows_than_the_reader_tells_apart_are_told_apart_by_the_question() -> None:
    assert beside(0.0, *[3.0] * (MAX_ROWS + 1), question="How many in 4?") == [4]


def named(question: str, *scores: float) -> tuple[Assessment, Passage]:
    made = table("Quay", "West 8", "West 9", "East 9")
    reading = read(made, 0.0, *scores, support=(0.0, 3.0, 3.0, 3.0))
    found = assess(asked(question), structure_of([made]), [hit(made)], [reading], FAKE_CALIBRATION)
    assert found is not None
    return found, made


def test_the_row_that_holds_all_names_of_the_question_comes_first() -> None:
    found, made = named("What does West 9 cost?", 3.0, 2.0, 1.0)
    assert found.best.place == (0, 2)
    assert (found.rows, found.evidence.lead) == ((), 0.0)
    assert [one.place for one in found.others] == [(0, 1), (0, 3), (0, 0)]
    assert named("What does the quay cost?", 3.0, 2.0, 1.0)[0].rows == tuple((made, unit) for unit in (1, 2, 3))


def test_where_no_words_were_pointed_at_in_the_row_that_is_named_the_best_stays() -> None:
    found, _ = named("What does East 9 cost?", 3.0, 2.0)
    assert (found.best.place, found.rows) == ((0, 1), ())
