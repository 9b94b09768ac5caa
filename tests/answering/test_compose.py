"""Answers are quoted exactly or not at all; refusals say why."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING

import pytest
from fakes import FakeReader, qa_of

from partnership_qa.answering.citing import citation
from partnership_qa.answering.compose import NOT_COMPUTED
from partnership_qa.answering.outcome import Answer, Kind, NoAnswer, Reason
from partnership_qa.errors import CitationError, QuestionError
from partnership_qa.qa import QA
from partnership_qa.reading import Proposal, Reading, ReadSpan
from partnership_qa.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from partnership_qa.chunking import Passage


def answered(qa: QA, question: str, **options: float) -> Answer:
    result = qa.answer(question, **options)
    assert isinstance(result, Answer), result.text
    return result


def test_an_answer_quotes_the_source_at_its_offsets(qa: QA) -> None:
    result = answered(qa, "Why was Paraffin cheaper by half?")
    (cited,) = result.citations
    source = qa.index.sources["ledger.txt"].text
    assert cited.quote == "Paraffin replaced it in 1893, because it was cheaper by half."
    assert source[cited.start : cited.end] == cited.quote
    assert cited.line == source[: cited.start].count("\n") + 1
    assert cited.section == ("The Lighthouse Ledger", "Oil burnt")
    assert cited.sha256 == qa.index.sources["ledger.txt"].sha256
    assert all(cited.start <= start < end <= cited.end for start, end in cited.highlights)


def test_a_list_is_given_whole_and_counted(qa: QA) -> None:
    result = answered(qa, "What things are forbidden on the quay?")
    assert result.text.splitlines() == [
        "Lighting a fire.", "Selling fish after noon.", "Mooring without a lantern.",
    ]  # fmt: skip
    assert [c.quote for c in result.citations] == [
        "- Lighting a fire.", "- Selling fish after noon.", "- Mooring without a lantern.",
    ]  # fmt: skip
    assert result.note.startswith("All 3 items under “Rules of the quay”, lines ")
    assert result.kind is Kind.LIST
    assert [(part.text, part.citations) for part in result.parts] == [
        (text, (cited,)) for text, cited in zip(result.text.splitlines(), result.citations, strict=True)
    ]


def test_two_parts_are_answered_and_cited_one_by_one(qa: QA) -> None:
    result = answered(qa, "How many barrels in 1890 and in 1895?")
    assert [c.quote for c in result.citations] == ["1890 | 40", "1895 | 22"]
    assert result.note == "2 parts"


def test_a_part_without_an_answer_is_named(qa: QA) -> None:
    result = answered(qa, "How many barrels in 1890 and in 2044?")
    assert [c.quote for c in result.citations] == ["1890 | 40"]
    assert result.note == "Not in the text: How many barrels in 2044?"


def test_a_question_about_something_else_is_declined_with_its_unknown_words(qa: QA) -> None:
    result = qa.answer("What is the capital of France?")
    assert isinstance(result, NoAnswer)
    assert result.reason is Reason.NOTHING_RELATED
    assert result.unknown_words == ("capital", "France")
    assert "“France”" in result.text
    assert result.citations == ()


def test_a_related_question_that_is_not_answered_is_declined_with_the_nearest(qa: QA) -> None:
    result = qa.answer("Did Gustav Vasa weigh the cutter with paraffin colza lens?")
    assert isinstance(result, NoAnswer)
    assert result.reason is not Reason.NOTHING_RELATED
    assert 1 <= len(result.nearest) <= 3
    assert 0 <= result.confidence < 0.5


def test_the_threshold_decides(qa: QA) -> None:
    question = "Why was Paraffin cheaper by half?"
    confidence = answered(qa, question).confidence
    assert answered(qa, question, no_answer_threshold=confidence).answered
    assert not qa.answer(question, no_answer_threshold=min(1.0, confidence + 1e-6)).answered


def test_a_quote_that_its_source_does_not_hold_is_never_shown(qa: QA) -> None:
    passage = qa.index.passages[0]
    forged = dataclasses.replace(passage, text="X" * len(passage.text))
    with pytest.raises(CitationError, match="not what the source holds"):
        citation(qa.index, forged, 0, (Span(passage.units[0].start, passage.units[0].end),))


def test_a_highlight_outside_its_quote_is_never_shown(qa: QA) -> None:
    passage = qa.index.passages[0]
    with pytest.raises(CitationError):
        citation(qa.index, passage, 0, (Span(passage.units[0].end, passage.units[0].end + 1),))


@pytest.mark.parametrize("question", ["", "   \n\t", "\0", "x" * 2001])
def test_a_question_that_is_none_is_refused_with_a_typed_error(qa: QA, question: str) -> None:
    with pytest.raises(QuestionError):
        qa.answer(question)


@pytest.mark.parametrize(
    "question", ["<|endoftext|>", "a", "????", "{0.__class__}", "🙂", "\ud800 light", "the of and"]
)
def test_an_odd_question_is_answered_or_declined(qa: QA, question: str) -> None:
    assert qa.answer(question).question


def test_every_result_is_plain_json(qa: QA) -> None:
    for question in ("Why was Paraffin cheaper by half?", "What is the capital of France?"):
        values = json.loads(json.dumps(qa.answer(question).to_dict()))
        assert values["question"] == question
        assert isinstance(values["answered"], bool)


def test_a_follow_up_shows_the_question_it_was_taken_for(qa: QA) -> None:
    history = [{"role": "user", "content": "How many barrels in 1890?"}, {"role": "assistant", "content": "40"}]
    result = qa.answer("And in 1895?", history=history)
    assert result.question == "And in 1895?"
    assert result.standalone_question == "How many barrels in 1895?"
    assert [c.quote for c in result.citations] == ["1895 | 22"]


class FigureReader(FakeReader):
    """Points at the first figure of the unit that the plain fake points at, and at the word behind it."""

    def read(self, question: str, passages: Sequence[Passage], proposals: Sequence[Proposal] = ()) -> list[Reading]:
        readings = super().read(question, passages)
        return [
            dataclasses.replace(reading, spans=tuple(self._figure(passage, span) for span in reading.spans))
            for reading, passage in zip(readings, passages, strict=True)
        ]

    def _figure(self, passage: Passage, span: ReadSpan) -> ReadSpan:
        found = re.search(r"\d+( \w+)?", passage.text[span.start - passage.start : span.end - passage.start])
        if found is None:
            return span
        return dataclasses.replace(span, start=span.start + found.start(), end=span.start + found.end())


@pytest.fixture
def make_qa(tmp_path: Path) -> Callable[[dict[str, str]], QA]:
    """Builds an index of some texts and answers from it with the reader of figures."""

    def made(texts: dict[str, str]) -> QA:
        return qa_of(tmp_path, texts, FigureReader())

    return made


def test_an_extreme_over_rows_is_not_worked_out_and_that_is_said(make_qa: Callable[[dict[str, str]], QA]) -> None:
    qa = make_qa({"a.md": "# Fees\n\n| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n| Cutter | 12 |\n"})
    assert answered(qa, "What is the highest fee of a boat?", no_answer_threshold=0.0).note == NOT_COMPUTED
    assert answered(qa, "What is the fee of a Dinghy?", no_answer_threshold=0.0).note == ""


def test_the_sentence_before_a_quoted_one_is_its_context(make_qa: Callable[[dict[str, str]], QA]) -> None:
    text = "Boats\n\nTar is black. The cutter Solveig was built in Bergen. She carries 12 lanterns.\n"
    qa = make_qa({"a.txt": text})
    (cited,) = answered(qa, "How many lanterns carries she?", no_answer_threshold=0.0).citations
    assert cited.quote == "She carries 12 lanterns."
    assert cited.context is not None
    assert text[slice(*cited.context)] == "The cutter Solveig was built in Bergen."


def test_the_first_sentence_of_a_paragraph_has_no_context(make_qa: Callable[[dict[str, str]], QA]) -> None:
    qa = make_qa({"a.txt": "Boats\n\nTar is black.\n\nShe carries 12 lanterns.\n"})
    (cited,) = answered(qa, "How many lanterns carries she?", no_answer_threshold=0.0).citations
    assert cited.context is None


def test_between_an_answer_and_a_refusal_stand_the_closest_passages(qa: QA) -> None:
    question = "Why was Paraffin cheaper by half?"
    sure = answered(qa, question)
    result = qa.answer(question, no_answer_threshold=1.0)
    assert isinstance(result, NoAnswer)
    assert result.reason is Reason.DOUBTFUL
    assert result.candidates[0] == sure.citations[0]
    assert result.citations == ()
    assert len(json.loads(json.dumps(result.to_dict()))["candidates"]) == len(result.candidates) <= 3


def test_a_refusal_below_the_border_of_doubt_has_no_candidates(qa: QA) -> None:
    result = qa.answer("What is the capital of France?")
    assert isinstance(result, NoAnswer)
    assert result.confidence < qa.calibration.doubt
    assert result.candidates == ()


@pytest.mark.parametrize("question", ["What happened?", "How is it made?", "What should I do?", "????"])
def test_a_question_of_function_words_alone_is_read(qa: QA, question: str) -> None:
    assert qa.trace(question).parts[0].readings


def test_an_item_below_a_list_is_counted_as_left_out(make_qa: Callable[[dict[str, str]], QA]) -> None:
    qa = make_qa({"a.md": "# Quay\n\nQuay rules hold:\n\n- No fire.\n  - Nor matches.\n- No fish.\n"})
    result = answered(qa, "Which quay rules hold?")
    assert result.text.splitlines() == ["No fire.", "No fish."]
    assert result.note.startswith("All 2 items under “Quay”, without 1 below them, lines ")


def test_no_quote_stands_twice_in_an_answer_of_two_parts(qa: QA) -> None:
    result = answered(qa, "How many barrels in 1890 and in 1890?")
    assert result.kind is Kind.PARTS
    assert len(result.parts) == 2
    assert [c.quote for c in result.citations] == ["1890 | 40"]


def test_how_and_why_are_answered_by_a_sentence(make_qa: Callable[[dict[str, str]], QA]) -> None:
    qa = make_qa({"a.md": "# Boats\n\nThe cutter carries **12** lanterns because of the fog.\n"})
    result = answered(qa, "Why does the cutter carry lanterns?", no_answer_threshold=0.0)
    assert (result.kind, result.text) == (Kind.SENTENCES, "The cutter carries 12 lanterns because of the fog.")
    assert answered(qa, "How many lanterns carries the cutter?", no_answer_threshold=0.0).kind is Kind.WORDS
