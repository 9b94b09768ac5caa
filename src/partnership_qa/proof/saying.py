"""What an answer says, made of the words that are marked in its quotes; and what it says without them.

The rule by which answers are composed is the one by which they are checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import ProofError
from ..text import plain

CELL_SEPARATOR = " · "


def said_by(quote: str, start: int, highlights: Iterable[Sequence[int]], document: str) -> str:
    """The marked words of a quote, in one line and without marks of layout.

    Args:
        quote: characters of the document, from `start` on.
        start: of the quote in the document.
        highlights: half-open, in characters of the document, inside the quote.
        document: its name; of Markdown the signs are left out.

    """
    return CELL_SEPARATOR.join(plain(quote[one - start : other - start], document) for one, other in highlights)


def unsupported(answer: Mapping[str, Any], where: str) -> list[str]:
    """The lines of an answer that its quotes do not say, in order and each once; of a refusal none.

    A part must say what is marked in one of its quotes, by whole words, and a line of the text what a part says.

    Args:
        answer: what `to_dict` gave of an answer or a refusal.
        where: that answer, for an error.

    Raises:
        ProofError: its text, parts or the numbers of their quotes are of another kind than they should be.

    """
    parts, citations = answer.get("parts") or [], answer.get("citations") or []
    if answer.get("answered") is False and not citations and not parts:
        return []  # why nothing is answered, in words of this package
    if not isinstance(parts, list | tuple) or not all(isinstance(part, Mapping) for part in parts):
        raise ProofError("parts", "is no list of objects", where)
    says = [_marked(cited) for cited in citations]
    wrong: list[str] = []
    for part in parts:
        text = _text(part, where)
        if text not in {says[number] for number in _numbers(part, len(says), where)}:
            wrong.append(text)
    said = {_text(part, where) for part in parts} if parts else {one for one in says if one is not None}
    text = _text(answer, where) if parts or "text" in answer else ""
    wrong += [line for line in text.split("\n") if text and line not in said]
    return list(dict.fromkeys(wrong))


def unsupported_replies(annotation: Mapping[str, Any], quote: str, document: str) -> list[str]:
    """The lines of an annotation's replies that its quote does not say; it does not state which words are marked."""
    bodies = annotation.get("body", [])
    bodies = bodies if isinstance(bodies, list | tuple) else [bodies]
    replies = [one for one in bodies if isinstance(one, Mapping) and one.get("purpose") == "replying"]
    lines = [line for one in replies for line in str(one.get("value", "")).split("\n")]
    wholes = plain(quote, document), " ".join(quote.split())
    found = (line for line in lines if not any(_holds(whole, line) for whole in wholes))
    return list(dict.fromkeys(found))


def _text(values: Mapping[str, Any], where: str) -> str:
    text = values.get("text")
    if not isinstance(text, str):
        raise ProofError("text", "is no text", where)
    return text


def _numbers(part: Mapping[str, Any], count: int, where: str) -> list[int]:
    """The places of a part's quotes among the answer's, from 0."""
    numbers = part.get("citations")
    if not isinstance(numbers, list | tuple) or not all(
        isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= count for one in numbers
    ):
        raise ProofError("citations", f"of a part is no list of numbers from 1 to {count}", where)
    return [one - 1 for one in numbers]


def _marked(citation: Any) -> str | None:
    """What a citation says by its marked words; `None` where they are none, lie outside the quote or cut a word."""
    values = citation if isinstance(citation, Mapping) else {}
    quote, start, spans = (values.get(name) for name in ("quote", "start", "highlights"))
    if not isinstance(quote, str) or not isinstance(start, int) or not isinstance(spans, list | tuple) or not spans:
        return None
    for span in spans:
        if not isinstance(span, list | tuple) or len(span) != 2 or not all(isinstance(one, int) for one in span):
            return None
        if not 0 <= span[0] - start < span[1] - start <= len(quote):
            return None
        if _cuts(quote, span[0] - start) or _cuts(quote, span[1] - start):
            return None
    return said_by(quote, start, spans, str(values.get("document")))


def _cuts(text: str, at: int) -> bool:
    """Whether a place is inside a word or number of a text."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _holds(whole: str, line: str) -> bool:
    """Whether a text says a line, or each of the cells that it is made of, by whole words."""
    return all(_stands(whole, part) for part in line.split(CELL_SEPARATOR)) or _stands(whole, line)


def _stands(whole: str, words: str) -> bool:
    at = whole.find(words)
    while at >= 0 and (_cuts(whole, at) or _cuts(whole, at + len(words))):
        at = whole.find(words, at + 1)
    return at >= 0
