"""Turns of a conversation as plain values and back, and whether what they quote still stands."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from ..answering.citing import Citation
from ..answering.outcome import Answer, AnswerPart, Kind, NoAnswer, Reason
from ..answering.report import Report
from ..chunking import Passage
from ..proof import Proof
from ..retrieval import Hit
from ..text import Span
from ..trace import Trace
from .turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..index import Source

# How an outcome came about is not kept: it is as large as the texts themselves.
_FIELDS = ("question", "generation", "passages", "documents", "error", "rating", "note")


class Standing(str, Enum):
    """What has become of a quote."""

    STANDS = "stands"  # the same words are at its place
    MOVED = "moved"  # they are elsewhere in its document, which has changed
    GONE = "gone"  # the document no longer holds these words, or is no longer indexed


def dumped(turn: Turn) -> dict[str, Any]:
    """A turn as values for JSON."""
    values: dict[str, Any] = {name: getattr(turn, name) for name in _FIELDS} | {"within": list(turn.within)}
    if turn.trace is not None:
        values |= {"outcome": turn.trace.outcome.to_dict(), "threshold": turn.trace.threshold}
    return values


def words_of(turn: Turn) -> str:
    """What a turn is found by: its question in the first line, then its answer and its quotes."""
    result = turn.result
    if result is None:
        return turn.question
    quotes = (*result.citations, *(result.candidates if isinstance(result, NoAnswer) else ()))
    lines = [" ".join(turn.question.split()), turn.note]
    lines += [result.text, *(cited.quote for cited in quotes)] if result.answered or quotes else []
    return "\n".join(lines)


def loaded(values: Mapping[str, Any]) -> Turn:
    """A turn as it was kept, without what it rests on.

    Raises:
        ValueError, KeyError, TypeError, IndexError: the values are those of no turn.

    """
    outcome = values.get("outcome")
    trace = Trace(_outcome(outcome), (), float(values["threshold"])) if outcome is not None else None
    return Turn(trace=trace, within=tuple(values["within"]), **{name: values[name] for name in _FIELDS})


def _outcome(values: Mapping[str, Any]) -> Answer | NoAnswer:
    head = (values["question"], values["standalone_question"], values["text"], float(values["confidence"]))
    if not values["answered"]:
        nearest = tuple(_hit(hit) for hit in values["nearest"])
        candidates = tuple(_citation(one) for one in values["candidates"])
        return NoAnswer(
            *head,
            Reason(values["reason"]),
            nearest,
            tuple(values["unknown_words"]),
            candidates,
            _report(values.get("report")),
        )
    cited = tuple(_citation(one) for one in values["citations"])
    parts = tuple(
        AnswerPart(part["text"], tuple(cited[number - 1] for number in part["citations"])) for part in values["parts"]
    )
    return Answer(*head, cited, values["note"], Kind(values["kind"]), parts)


def _report(values: Mapping[str, Any] | None) -> Report | None:
    """The report of a refusal; `None` where none was kept, as in conversations of earlier versions."""
    if values is None:
        return None
    given: dict[str, Any] = {name: tuple(values[name]) for name in ("within", "missing", "elsewhere")}
    given |= {name: values[name] for name in ("threshold", "passages", "documents", "read", "total", "items", "words")}
    nearest = _citation(values["nearest"]) if values["nearest"] is not None else None
    return Report(nearest=nearest, confidence=values["confidence"], **given)


def _citation(values: Mapping[str, Any]) -> Citation:
    context, proof = values.get("context"), values.get("proof")
    return Citation(
        values["document"], values["start"], values["end"], values["quote"],
        tuple(Span(*span) for span in values["highlights"]), values["line"], values["page"], tuple(values["section"]),
        values["sha256"], Span(*context) if context else None, values.get("place"), tuple(values.get("columns", ())),
        tuple(Span(*cell) for cell in values.get("cells", ())), Proof.from_dict(proof) if proof else None,
    )  # fmt: skip


def _hit(values: Mapping[str, Any]) -> Hit:
    passage = Passage(
        values["document"], values["start"], values["end"], values["text"], tuple(values["section"]), values["line"],
        (), values["page"],
    )  # fmt: skip
    return Hit(passage, -1, values["score"], values["similarity"], values["lexical"])


def standing(cited: Citation, sources: Mapping[str, Source]) -> Standing:
    """What has become of a quote in the sources that are indexed now."""
    source = sources.get(cited.document)
    if source is None:
        return Standing.GONE
    if source.text[cited.start : cited.end] == cited.quote:
        return Standing.STANDS
    return Standing.MOVED if cited.quote in source.text else Standing.GONE
