"""What this package itself says beside quotes: notes, refusals and the reply to a greeting.

Each sentence is composed here, whoever says it, and checked by being composed again (`stated`).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_COMPUTED = "Rows are quoted as they stand: nothing is added up, counted or compared."
TOPIC_SEPARATOR = "; "
_NAMED_WORDS = 4  # words of a question that a refusal names
_NAMED_PATTERNS = 3


class Reason(str, Enum):
    """Why a question is declined."""

    NOTHING_RELATED = "nothing_related"
    NOT_ANSWERED = "not_answered"
    DOUBTFUL = "doubtful"
    NO_QUESTION = "no_question"


class Kind(str, Enum):
    """What an answer is made of."""

    WORDS = "words"  # a few words of one quote
    SENTENCES = "sentences"  # quotes as they stand: how, why, and what does not fit into a few words
    LIST = "list"  # the items of a list, or some of them
    ROWS = "rows"  # the rows of a table, or some of them
    PARTS = "parts"  # of a question that asks for several things, each answered by itself


def where(place: str | None, page: int | None, line: int | None) -> str:
    """Where a quote stands in its document: the place of its own kind, else the page, else the line."""
    return place or (f"line {line}" if page is None else f"page {page}")


def rows_note(count: int) -> str:
    """Of some rows of a table."""
    return f"{count} rows"


def parts_note(count: int) -> str:
    """Of a question whose parts were all answered."""
    return f"{count} parts"


def missing_note(texts: Sequence[str]) -> str:
    """Of a question some parts of which were not."""
    return f"Not in the text: {' '.join(texts)}"


def whole_note(count: int, kind: Kind, heading: str, nested: int, lines: tuple[int, int], places: Sequence[str]) -> str:
    """Of a whole list or table.

    Args:
        count: of its items or rows.
        kind: `ROWS` of a table.
        heading: that it stands under; empty where there is none.
        nested: items below these, which are not given.
        lines: of the first and the last.
        places: addresses of the first and the last, where the source has such; else empty.

    """
    noun = "rows" if kind is Kind.ROWS else "items"
    under = f" under “{heading}”" if heading else ""
    below = f", without {nested} below them" if nested else ""
    stretch = " to ".join(dict.fromkeys(places)) if places else f"lines {lines[0]}–{lines[1]}"  # noqa: RUF001
    return f"All {count} {noun}{under}{below}, {stretch}"


def refusal(reason: Reason, unknown: Sequence[str], heading: str) -> str:
    """Why a question is declined.

    Args:
        reason: any but `NO_QUESTION`.
        unknown: words of the question that occur nowhere in the text.
        heading: that the nearest passage stands under; empty where there is none.

    """
    if reason is Reason.DOUBTFUL:
        return "No answer is certain enough to be given; the closest passages may hold it."
    missing = ", ".join(f"“{word}”" for word in unknown[:_NAMED_WORDS])
    tail = f" These words of the question occur nowhere in it: {missing}." if missing else ""
    if reason is Reason.NOTHING_RELATED:
        return f"Not in the text: nothing in it is related to this question.{tail}"
    place = f" The nearest passage stands under “{heading}”." if heading else ""
    return f"Not in the text: related passages were read, but none answers the question.{tail}{place}"


def searched_within(patterns: Sequence[str], documents: int, total: int) -> str:
    """What was searched, where that was not all: so many of all documents, chosen by these patterns."""
    named = ", ".join(f"“{pattern}”" for pattern in patterns[:_NAMED_PATTERNS])
    more = f" and {len(patterns) - _NAMED_PATTERNS} more" if len(patterns) > _NAMED_PATTERNS else ""
    noun = "document" if total == 1 else "documents"
    return f"Searched only within {named}{more} ({documents} of {total} {noun})."


def greeting(topics: str, more: int, *, summary: bool) -> str:
    """The reply to what is no question.

    Args:
        topics: what the texts are about, with `TOPIC_SEPARATOR` between; empty where that cannot be told.
        more: topics that are left out.
        summary: whether one was asked for.

    """
    about = f" It is about: {topics}" if topics else ""
    rest = f"{TOPIC_SEPARATOR}and {more} more" if more else ""
    none = "No summary is written here. " if summary else ""
    return f"{none}Ask about the text: answers are its own words, with their place.{about}{rest}{'.' if about else ''}"
