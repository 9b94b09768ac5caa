"""Turns of a conversation as plain values and back, and whether what they quote still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..answering.citing import Citation
from ..answering.outcome import Answer, AnswerPart, Kind, NoAnswer, Reason
from ..answering.proving import proof
from ..answering.report import Report
from ..chunking import Passage
from ..proof import Proof, State
from ..proof.checking import check
from ..proof.flat import Flat
from ..retrieval import Hit
from ..text import Span
from ..trace import Trace
from .turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..index import Source, Store

# How an outcome came about is not kept: it is as large as the texts themselves.
_FIELDS = ("question", "generation", "passages", "documents", "error", "rating", "note")


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
    context, proved = values.get("context"), values.get("proof")
    return Citation(
        values["document"], values["start"], values["end"], values["quote"],
        tuple(Span(*span) for span in values["highlights"]), values["line"], values["page"], tuple(values["section"]),
        values["sha256"], Span(*context) if context else None, values.get("place"), tuple(values.get("columns", ())),
        tuple(Span(*cell) for cell in values.get("cells", ())), Proof.from_dict(proved) if proved else None,
    )  # fmt: skip


def _hit(values: Mapping[str, Any]) -> Hit:
    passage = Passage(
        values["document"], values["start"], values["end"], values["text"], tuple(values["section"]), values["line"],
        (), values["page"],
    )  # fmt: skip
    return Hit(passage, -1, values["score"], values["similarity"], values["lexical"])


class Indexed:
    """The texts of an index, as `proof` looks for quotes in them; what was told of a quote is kept."""

    def __init__(self, index: Store) -> None:
        self._index = index
        self._flat: dict[str, Flat] = {}
        self._told: dict[tuple[str, str, int, str], State] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all, in order."""
        return tuple(self._index.sources)

    def has(self, name: str) -> bool:
        """Whether a document of that name is indexed."""
        return name in self._index.sources

    def sha256(self, name: str) -> str:
        """Hash of its file's bytes when it was indexed."""
        return self._index.sources[name].sha256

    def with_hash(self, sha256: str) -> Iterator[str]:
        """Names of those whose files have these bytes."""
        return (name for name, source in self._index.sources.items() if source.sha256 == sha256)

    def document(self, name: str) -> Source | None:
        """What is indexed of it."""
        return self._index.sources.get(name)

    def problem(self, name: str) -> str:
        """Nothing: what is indexed has been read."""
        return "" if self.has(name) else "it is not indexed"

    def flat(self, name: str) -> Flat:
        """Its words."""
        if name not in self._flat:
            self._flat[name] = Flat(self._index.sources[name].text)
        return self._flat[name]

    def proof(self, name: str, start: int, end: int, at: int | None = None) -> Proof:
        """The proof of characters of it."""
        return proof(self._index, name, start, end, at)

    def standing(self, cited: Citation) -> State:
        """What has become of a quote in what is indexed now."""
        key = (cited.document, cited.sha256, cited.start, cited.quote)
        if key not in self._told:
            given = cited.proof or Proof(cited.document, cited.start, cited.end, cited.quote, cited.sha256)
            self._told[key] = check(given, self).state
        return self._told[key]


_now: list[tuple[Path, str, Indexed]] = []  # of the index that was asked for last


def indexed(index: Store) -> Indexed:
    """The texts of an index; the same object for the same generation."""
    key = (index.root, index.generation.name)
    for root, name, texts in _now:
        if (root, name) == key:
            return texts
    _now[:] = [(*key, Indexed(index))]
    return _now[0][2]
