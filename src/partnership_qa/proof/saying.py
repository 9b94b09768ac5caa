"""What an answer says, made of the words that are marked in its quotes; and what it says without them.

The rule by which answers are composed is the one by which they are checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import ProofError
from ..text import plain
from .stated import is_note, is_refusal

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


class Unsaid(NamedTuple):
    """Words of an answer that it may not say, and why not: what follows them in a sentence."""

    said: str
    why: str


_NOT_QUOTED = "and its quotes do not"
_NOT_IN_PARTS = "which is not what its parts say, in their order"
_NO_NOTE = "which is no note that its quotes allow"
_NO_REFUSAL = "which is not how this package declines that question"
_NOT_MARKED = "of words marked in a quote as no answer marks them"


def unsupported(answer: Mapping[str, Any], where: str) -> list[Unsaid]:
    """What an answer or a refusal says and may not, in order and each once.

    A part must say what is marked in one of its quotes, by whole words; the text what the parts say, a line each; a
    note, and the text of a refusal, what this package says there. Which words of a quote are marked is the reader's
    choice, and cannot be checked without it: they are those that the quote's proof states, where it states any.

    Args:
        answer: what `to_dict` gave of an answer or a refusal.
        where: that answer, for an error.

    Raises:
        ProofError: its text, note, parts or the numbers of their quotes are of another kind than they should be.

    """
    parts, citations = answer.get("parts") or [], answer.get("citations") or []
    if not isinstance(parts, list | tuple) or not all(isinstance(part, Mapping) for part in parts):
        raise ProofError("parts", "is no list of objects", where)
    note = _text({"text": answer.get("note") or ""}, where, "note")
    if declines(answer):
        text = _text(answer, where) if "text" in answer else ""
        wrong = [Unsaid(text, _NO_REFUSAL)] if text and not is_refusal(text, answer) else []
        return wrong + _wrongly_marked(answer.get("candidates") or []) + ([Unsaid(note, _NO_NOTE)] if note else [])
    numbers = [_numbers(part, len(citations), where) for part in parts]
    wrong = _unsaid(answer, parts, [_marked(cited) for cited in citations], numbers, where)
    used = {number for part in numbers for number in part}
    wrong += _wrongly_marked([cited for number, cited in enumerate(citations) if number not in used and parts])
    said = [citations[part[0]] for part in numbers if part and isinstance(citations[part[0]], Mapping)]
    if not is_note(note, answer, said):
        wrong.append(Unsaid(note, _NO_NOTE))
    return list(dict.fromkeys(wrong))


def declines(answer: Mapping[str, Any]) -> bool:
    """Whether it calls itself a refusal, and claims nothing: else it is an answer, whatever it calls itself."""
    return answer.get("answered") is False and not answer.get("citations") and not answer.get("parts")


def _unsaid(
    answer: Mapping[str, Any],
    parts: Sequence[Mapping[str, Any]],
    says: Sequence[str | None],
    numbers: Sequence[Sequence[int]],
    where: str,
) -> list[Unsaid]:
    """The lines of an answer that its quotes do not say, and its whole text where it is not that of its parts."""
    texts = [_text(part, where) for part in parts]
    wrong = [text for text, own in zip(texts, numbers, strict=True) if text not in {says[number] for number in own}]
    said = set(texts) if parts else {one for one in says if one is not None}
    text = _text(answer, where) if parts or "text" in answer else ""
    wrong += [line for line in text.split("\n") if text and line not in said]
    if not wrong and parts and text != "\n".join(dict.fromkeys(texts)):
        return [Unsaid(text, _NOT_IN_PARTS)]
    return [Unsaid(line, _NOT_QUOTED) for line in wrong]


def _wrongly_marked(citations: Sequence[Any]) -> list[Unsaid]:
    """Of quotes that no part rests on, those that no answer marks so; they need not be marked at all."""
    wrong = (cited for cited in citations if isinstance(cited, Mapping) and cited.get("highlights"))
    return [Unsaid(" ".join(str(cited.get("quote")).split()), _NOT_MARKED) for cited in wrong if _marked(cited) is None]


def unsupported_replies(annotation: Mapping[str, Any], quote: str, document: str) -> list[Unsaid]:
    """The lines of an annotation's replies that its quote does not say; it does not state which words are marked."""
    bodies = annotation.get("body", [])
    bodies = bodies if isinstance(bodies, list | tuple) else [bodies]
    replies = [one for one in bodies if isinstance(one, Mapping) and one.get("purpose") == "replying"]
    lines = [line for one in replies for line in str(one.get("value", "")).split("\n")]
    wholes = plain(quote, document), " ".join(quote.split())
    found = (Unsaid(line, _NOT_QUOTED) for line in lines if not any(_holds(whole, line) for whole in wholes))
    return list(dict.fromkeys(found))


def _text(values: Mapping[str, Any], where: str, field: str = "text") -> str:
    text = values.get("text")
    if not isinstance(text, str):
        raise ProofError(field, "is no text", where)
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
    """What a citation says by its marked words; `None` where it has none, or no answer marks them so."""
    values = citation if isinstance(citation, Mapping) else {}
    quote, start, marks = (values.get(name) for name in ("quote", "start", "highlights"))
    if not isinstance(quote, str) or not isinstance(start, int) or not isinstance(marks, list | tuple) or not marks:
        return None
    spans = _spans(marks, start)
    if spans is None or not all(0 <= one < other <= len(quote) for one, other in spans):
        return None
    if any(_cuts(quote, at) for span in spans for at in span):
        return None
    proof = values.get("proof")
    if isinstance(proof, Mapping) and proof.get("marks") is not None and _spans(proof["marks"], start) != spans:
        return None
    cells = _spans(values["cells"], start) if values.get("cells") else []
    if cells is None or not _may_be_marked(quote, spans, [cell for cell in cells if cell[0] < cell[1]]):
        return None
    return said_by(quote, start, marks, str(values.get("document")))


def _spans(values: Any, start: int) -> list[tuple[int, int]] | None:
    """Pairs of whole numbers, counted from `start` on; `None` where they are none."""
    if not isinstance(values, list | tuple):
        return None
    for one in values:
        if not isinstance(one, list | tuple) or len(one) != 2:
            return None
        if not all(isinstance(at, int) and not isinstance(at, bool) for at in one):
            return None
    return [(one - start, other - start) for one, other in values]


def _may_be_marked(quote: str, spans: Sequence[tuple[int, int]], cells: Sequence[tuple[int, int]]) -> bool:
    """Whether these are one span, of a row within a cell; or a whole row, as one or as all cells that hold something.

    Args:
        quote: that is marked.
        spans: of it, one or more.
        cells: of it that hold something; none where it is no row, or that is not stated.

    """
    if len(spans) == 1 and (not cells or any(one <= spans[0][0] and spans[0][1] <= other for one, other in cells)):
        return True
    if len(spans) > 1 and cells and list(spans) != list(cells):
        return False
    ends = [0, *(at for span in spans for at in span), len(quote)]
    between = (quote[one:other] for one, other in zip(ends[::2], ends[1::2], strict=True))
    return ends == sorted(ends) and not _letters("".join(between))


def _letters(text: str) -> str:
    """The letters and digits of a text."""
    return "".join(filter(str.isalnum, text))


def _cuts(text: str, at: int) -> bool:
    """Whether a place is inside a word or number of a text."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _holds(whole: str, line: str) -> bool:
    """Whether a text says a line by whole words, or all of it does, as the cells of a row."""
    return _stands(whole, line) or (CELL_SEPARATOR in line and _letters(line) == _letters(whole))


def _stands(whole: str, words: str) -> bool:
    at = whole.find(words)
    while at >= 0 and (_cuts(whole, at) or _cuts(whole, at + len(words))):
        at = whole.find(words, at + 1)
    return at >= 0
