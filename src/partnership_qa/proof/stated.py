"""Whether a note or a refusal is what this package says of that which stands beside it: composed again, and compared.

What it rests on is taken from the answer itself; what of it stands in the texts, such as a heading, is checked there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .wording import (
    NOT_COMPUTED,
    TOPIC_SEPARATOR,
    Kind,
    Reason,
    greeting,
    missing_note,
    parts_note,
    refusal,
    rows_note,
    searched_within,
    where,
    whole_note,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_NUMBER = re.compile(r"\d{1,9}")
_WORD = re.compile(r"[^\W_]+")
_HELD = "\0"  # the place of words that are not known beforehand


class Heading(NamedTuple):
    """Words that must stand in a document, or in any where none is named."""

    words: str
    document: str | None


def is_note(note: str, answer: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a note may stand beside an answer.

    Args:
        note: what is said.
        answer: what it is said of.
        said: the first citation of each of its parts, in order.

    """
    if not note:
        return True
    kinds = [answer["kind"]] if "kind" in answer else list(Kind)  # of an answer that was saved without
    return any(_is_note_of(kind, note, answer, said) for kind in kinds)


def _is_note_of(kind: object, note: str, answer: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> bool:
    if kind == Kind.PARTS:
        counts = range(2, len(said) + 1)
        return any(note == parts_note(count) for count in counts) or _missing(note, answer)
    if kind in (Kind.LIST, Kind.ROWS):
        return (kind == Kind.ROWS and note == rows_note(len(said))) or nested_in(note, {"kind": kind}, said) is not None
    return kind in (Kind.WORDS, Kind.SENTENCES) and note == NOT_COMPUTED


def nested_in(note: str, answer: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> int | None:
    """How many items are left out below a list of which a note says that it is whole; `None` of any other note.

    Args are those of `is_note`.
    """
    counts = sorted({0, *map(int, _NUMBER.findall(note))})
    kinds = [kind for kind in (Kind.LIST, Kind.ROWS) if answer.get("kind", kind) == kind]
    return next((n for kind in kinds for told, n in _wholes(kind, said, counts) if told == note), None)


def _missing(note: str, answer: Mapping[str, Any]) -> bool:
    """Whether a note names parts of the question: all of its words are the question's."""
    head = missing_note(())
    words = set(_words(note.removeprefix(head)))
    return note.startswith(head) and bool(words) and words <= set(_words(_asked(answer)))


def _wholes(kind: Kind, said: Sequence[Mapping[str, Any]], counts: Iterable[int]) -> Iterator[tuple[str, int]]:
    """What may be noted of a whole list with so many items below it, which is checked against the file (`whole`)."""
    if not said:
        return
    first, last = said[0], said[-1]
    lines = first.get("line") or 0, last.get("line") or 0
    places = [where(one.get("place"), one.get("page"), one.get("line")) for one in (first, last)]
    places = places if first.get("place") else []
    for nested in counts:
        yield whole_note(len(said), kind, _heading(first), nested, lines, places), nested


def is_refusal(text: str, answer: Mapping[str, Any]) -> bool:
    """Whether a text says why a question is declined, and of no other than this one; see `headings` too."""
    reason = answer.get("reason")
    if reason == Reason.NO_QUESTION:
        return _topics(text) is not None
    if reason not in set(Reason):
        return False
    unknown = _texts(answer.get("unknown_words"))
    asked = _asked(answer)
    if not all(word and word.casefold() in asked for word in unknown):
        return False
    said = refusal(Reason(reason), unknown, _nearest(answer))
    report = answer.get("report")
    if isinstance(report, dict) and (patterns := _texts(report.get("within"))):
        said = f"{said} {searched_within(patterns, report.get('documents', 0), report.get('total', 0))}"
    return text == said


def headings(text: str, answer: Mapping[str, Any]) -> list[Heading]:
    """What the text of a refusal that `is_refusal` names of the texts."""
    if answer.get("reason") == Reason.NO_QUESTION:
        return [Heading(topic, None) for topic in (_topics(text) or "").split(TOPIC_SEPARATOR) if topic]
    heading = _nearest(answer)
    if not heading or heading not in text:
        return []
    return [Heading(heading, str(answer["nearest"][0].get("document")))]


def _topics(text: str) -> str | None:
    """What a reply to a greeting says that the texts are about; `None` where it is no such reply."""
    for summary in (False, True):
        if text == greeting("", 0, summary=summary):
            return ""
        for more in sorted({0, *map(int, _NUMBER.findall(text))}, reverse=True):
            before, behind = greeting(_HELD, more, summary=summary).split(_HELD)
            if text.startswith(before) and text.endswith(behind) and len(text) > len(before) + len(behind):
                return text[len(before) : len(text) - len(behind)]
    return None


def _nearest(answer: Mapping[str, Any]) -> str:
    """The heading right above the nearest passage; empty where there is none."""
    nearest = answer.get("nearest")
    return _heading(nearest[0]) if isinstance(nearest, list | tuple) and nearest else ""


def _heading(values: object) -> str:
    sections = _texts(values.get("section")) if isinstance(values, dict) else []
    return sections[-1] if sections else ""


def _texts(values: object) -> list[str]:
    return [str(one) for one in values] if isinstance(values, list | tuple) else []


def _asked(answer: Mapping[str, Any]) -> str:
    return " ".join(str(answer.get(name) or "") for name in ("question", "standalone_question")).casefold()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
