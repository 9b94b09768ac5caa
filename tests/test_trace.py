"""A trace holds what its outcome rests on; nothing is searched or read a second time for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partnership_qa.errors import QuestionError
from partnership_qa.qa import READ_PASSAGES
from partnership_qa.trace import Stage, Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnership_qa.qa import QA

QUESTIONS = [
    "When was the harbour dug?",
    "What three things are forbidden on the quay?",
    "What is the fee of the Cutter boat?",
    "When was the harbour dug and how much does the new lens weigh?",
    "Who painted the Mona Lisa?",
    "Who painted the lighthouse?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_its_outcome_is_what_answer_gives(qa: QA, question: str) -> None:
    assert qa.trace(question).outcome == qa.answer(question)


def test_a_question_is_searched_and_read_once(qa: QA) -> None:
    before = qa.encoder.calls, qa.reader.calls  # type: ignore[attr-defined]
    trace = qa.trace("When was the harbour dug?")
    assert (qa.encoder.calls - before[0], qa.reader.calls - before[1]) == (1, 1)  # type: ignore[attr-defined]
    assert trace.hits == qa.search("When was the harbour dug?", k=READ_PASSAGES)
    assert list(trace.parts[0].readings) == qa.reader.read(trace.parts[0].text, [hit.passage for hit in trace.hits])


def test_the_evidence_gives_the_confidence(qa: QA) -> None:
    trace = qa.trace("When was the harbour dug?", no_answer_threshold=0.25)
    found = trace.parts[0].assessment
    assert found is not None
    assert qa.calibration.probability(found.evidence) == trace.outcome.confidence
    assert trace.threshold == 0.25
    assert qa.trace("When was the harbour dug?").threshold == qa.calibration.threshold


def test_a_list_that_answers_as_a_whole_is_weighed_as_a_whole(qa: QA) -> None:
    part = qa.trace("What three things are forbidden on the quay?").parts[0]
    found = part.assessment
    assert found is not None
    assert found.whole is not None
    assert part.outcome.confidence == found.whole_confidence == qa.calibration.list_probability(found.whole.evidence)


def test_a_question_without_a_known_word_is_read_all_the_same(qa: QA) -> None:
    trace = qa.trace("Who painted the Mona Lisa?")
    assert list(trace.seconds) == [Stage.SEARCHING, Stage.READING, Stage.COMPOSING]
    assert trace.hits[:3] == trace.outcome.nearest  # type: ignore[union-attr]


def test_a_follow_up_is_traced_as_it_was_understood(qa: QA) -> None:
    history = [
        {"role": "user", "content": "What is the fee of the Dinghy?"},
        {"role": "assistant", "content": "3"},
    ]
    trace = qa.trace("And of the Cutter?", history=history)
    (part,) = trace.parts
    assert part.text == trace.outcome.standalone_question != "And of the Cutter?"
    assert list(part.readings) == qa.reader.read(part.text, [hit.passage for hit in part.hits])


def test_the_parts_of_a_question_are_traced_one_by_one(qa: QA) -> None:
    trace = qa.trace("When was the harbour dug and how much does the new lens weigh?")
    assert [part.text for part in trace.parts] == ["When was the harbour dug?", "How much does the new lens weigh?"]
    assert trace.outcome.text == "\n".join(part.outcome.text for part in trace.parts)
    assert [hit.number for hit in trace.hits] == list(
        dict.fromkeys(hit.number for part in trace.parts for hit in part.hits)
    )
    assert trace.seconds[Stage.READING] == pytest.approx(sum(part.seconds[Stage.READING] for part in trace.parts))


def test_stages_are_told_before_they_begin_and_can_be_left_undone(qa: QA) -> None:
    steps = qa.steps("When was the harbour dug?")
    assert next(steps) is Stage.SEARCHING
    assert qa.encoder.encoded == len(qa.index.passages)  # type: ignore[attr-defined]
    assert next(steps) is Stage.READING
    steps.close()
    assert qa.reader.calls == 0  # type: ignore[attr-defined]


def test_the_one_who_asks_is_not_timed(qa: QA, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("partnership_qa.qa.time.perf_counter", lambda: now[0])

    def asking() -> Iterator[Stage]:
        traces.append((yield from qa.steps("When was the harbour dug?")))

    traces: list[Trace] = []
    for _ in asking():
        now[0] += 10.0
    assert traces[0].seconds == {Stage.SEARCHING: 0.0, Stage.READING: 0.0, Stage.COMPOSING: 0.0}


def test_what_cannot_be_asked_is_refused_at_once(qa: QA) -> None:
    with pytest.raises(QuestionError):
        qa.trace("  ")
