"""What is given to be verified: answers, citations, proofs and annotations, as objects or as JSON, to proofs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ProofError
from ..text import Span
from .annotations import annotations_in, proof_of_annotation
from .record import Proof
from .saying import declines, unsupported, unsupported_replies
from .stated import headings, nested_in
from .whole import Whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .saying import Unsaid


class Claim(NamedTuple):
    """A quote to check: its proof, and the how-manieth answer and citation of what was given it is, from 1."""

    proof: Proof
    answer: int
    citation: int


class Unsupported(NamedTuple):
    """Words that an answer may not say, why not, and the how-manieth answer it is."""

    said: str
    answer: int
    why: str


class Named(NamedTuple):
    """Words that an answer says of the texts beside what it quotes, and the how-manieth answer it is.

    Attributes:
        words: of a heading or of a column's name.
        document: in which they must stand; `None` where any will do.
        sha256: of its file's bytes: of another file they need not be true; `None` where that is not stated.
        answer: its number.

    """

    words: str
    document: str | None
    sha256: str | None
    answer: int


def parse(data: bytes) -> object:
    """What a file of answers holds: JSON, or a line of JSON each answer.

    Raises:
        ProofError: it is neither.

    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProofError("JSON", f"is not UTF-8 (byte {error.start})") from None
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        return _loaded(text)
    except ProofError:
        if len(lines) < 2 or lines[0].strip() in "[{":  # one value, over several lines
            raise
    return [_loaded(line, f"line {number}") for number, line in enumerate(lines, 1)]


def _loaded(text: str, where: str = "") -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProofError("JSON", f"cannot be read ({error})", where) from None


def claims(given: object) -> list[Claim | Unsupported | Named | Whole]:
    """Every quote of what is given, in its order; behind those of an answer what else it says.

    Raises:
        ProofError: it is neither answers, citations, proofs nor annotations.

    """
    found: list[Claim | Unsupported | Named | Whole] = []
    for number, one in enumerate(_each(given), 1):
        values = _opened(one, number)
        quotes = [_proof(quote, f"answer {number}, citation {n}") for n, quote in enumerate(_quotes(values, number), 1)]
        found += [Claim(proof, number, place) for place, proof in enumerate(quotes, 1)]
        found += [Unsupported(one.said, number, one.why) for one in _unsupported(values, quotes, number)]
        found += _named(values, number)
        found += _wholes(values, quotes, number)
    return found


def _each(given: object) -> Iterator[object]:
    """The answers of what is given, or whatever else it is a list of."""
    if isinstance(given, Sequence) and not isinstance(given, str | bytes | bytearray):
        for one in given:
            yield from _each(one)
    elif isinstance(given, Mapping) and "citations" not in given and (listed := annotations_in(given)) is not None:
        yield from listed
    else:
        yield given


def _opened(given: object, number: int) -> Proof | Mapping[str, Any]:
    """One thing that was given as plain values, but for a proof."""
    if isinstance(given, Proof):
        return given
    values = given.to_dict() if hasattr(given, "to_dict") else given
    if not isinstance(values, Mapping):
        raise ProofError("JSON", "is neither an answer, a citation, a proof nor an annotation", f"answer {number}")
    if "citations" not in values and isinstance(values.get("outcome"), Mapping):  # of a conversation that was kept
        values = values["outcome"]
    return values


def _quotes(values: Proof | Mapping[str, Any], number: int) -> list[object]:
    """What one thing that was given quotes."""
    if isinstance(values, Proof) or "citations" not in values:
        return [values]
    quotes: list[object] = []
    for name in ("citations", "candidates"):
        listed = values.get(name, [])
        if not isinstance(listed, Sequence) or isinstance(listed, str):
            raise ProofError(name, "is no list", f"answer {number}")
        quotes += listed
    return quotes


def _named(values: Proof | Mapping[str, Any], number: int) -> list[Named]:
    """The headings and names of columns that one thing that was given says its quotes stand under, each once."""
    if isinstance(values, Proof):
        return []
    found = []
    for cited in _quotes(values, number):
        stated = cited if isinstance(cited, Mapping) else {}
        document, sha256 = str(stated.get("document")), str(stated.get("sha256") or "") or None
        words = (*_texts(stated.get("section")), *_texts(stated.get("columns")))
        found += [Named(one, document, sha256, number) for one in words]
    if declines(values):
        found += [Named(*one, None, number) for one in headings(str(values.get("text")), values)]
    return list(dict.fromkeys(found))


def _wholes(values: Proof | Mapping[str, Any], quotes: Sequence[Proof], number: int) -> list[Whole]:
    """The list that one thing that was given says it gives whole, if it says so."""
    if isinstance(values, Proof) or not values.get("note") or not values.get("citations") or declines(values):
        return []
    places = [part["citations"][0] - 1 for part in values.get("parts") or () if part["citations"]]
    said = [values["citations"][place] for place in places]
    nested = nested_in(values["note"], values, said)
    if nested is None:
        return []
    items = tuple(Span(quotes[place].start, quotes[place].end) for place in places)
    first = quotes[places[0]]
    return [Whole(values["note"], first.document, first.sha256, items, nested, number)]


def _texts(values: object) -> list[str]:
    return [str(one) for one in values] if isinstance(values, list | tuple) else []


def _unsupported(values: Proof | Mapping[str, Any], quotes: Sequence[Proof], number: int) -> list[Unsaid]:
    """What one thing that was given says and may not."""
    if isinstance(values, Proof):
        return []
    if "citations" in values or "answered" in values:
        return unsupported(values, f"answer {number}")
    if values.get("type") == "Annotation":
        return unsupported_replies(values, quotes[0].quote, quotes[0].document)
    return []


def _proof(values: object, where: str) -> Proof:
    if isinstance(values, Proof):
        return values
    if not isinstance(values, Mapping):
        raise ProofError("citation", "is no object", where)
    stated = values.get("proof")
    if stated is not None and not isinstance(stated, Mapping):
        raise ProofError("proof", "is no object", where)
    try:
        if values.get("type") == "Annotation":
            return proof_of_annotation(values)
        if stated is None:
            return Proof.from_dict(_of_citation(values))
        return _as_claimed(Proof.from_dict(stated), values)
    except ProofError as error:
        raise ProofError(error.field, error.what, where) from None


def _of_citation(values: Mapping[str, Any]) -> dict[str, Any]:
    """A citation that was saved without a proof, or a proof itself, as values of a proof."""
    stated = dict(values)
    highlights = values.get("highlights")
    if "at" not in stated and isinstance(highlights, Sequence) and highlights and values.get("place") is not None:
        first = highlights[0]
        stated["at"] = first[0] if isinstance(first, Sequence) and first else None
    return stated


def _as_claimed(proof: Proof, citation: Mapping[str, Any]) -> Proof:
    """The proof of what the citation says; where the two contradict one another, what is shown is what is checked."""
    quote, document, start = (citation.get(name) for name in ("quote", "document", "start"))
    shown = {name: citation[name] for name in ("line", "page", "place") if citation.get(name) is not None}
    if any(getattr(proof, name) != value for name, value in shown.items()):
        proof = Proof.from_dict(proof.to_dict() | shown)
    if (quote, document, start) == (proof.quote, proof.document, proof.start):
        return proof
    said = Proof.from_dict(
        {"quote": quote, "document": document, "start": start, "end": start + len(quote)}
        if isinstance(quote, str) and isinstance(start, int)
        else {"quote": quote, "document": document}
    )
    return replace(
        proof, quote=said.quote, document=said.document, start=said.start, end=said.end, bytes=None, boxes=(),
        occurrence=None, occurrences=None,
    )  # fmt: skip
