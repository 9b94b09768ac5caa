"""Which rows of a table a question asks for, told by those of its words that tell the rows apart.

A question names rows by their cells: a year (`in 2021`), a span of years (`between 2012 and 2016`), a place
(`the fourth`), a name. Rows that hold the same of these belong together; where the question joins several (`the
Republican and the Democratic candidate`), every row that one of them names is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..text import fold, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..question.words import QuestionWords
    from .structure import Item

MAX_ROWS = 8
_JOINS = re.compile(r",|\b(?:and|or|both|each|than|versus|vs|compared?|respectively)\b", re.IGNORECASE)
_YEAR = r"(1\d{3}|20\d{2})"
_RANGE = re.compile(
    rf"\b(?:between|from|during)?\s*{_YEAR}\s*(?:-|–|to|and|until|till|through)\s*{_YEAR}\b"  # noqa: RUF001 - a dash of years
    rf"|\b(since|after|before|until)\s+{_YEAR}\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:between|from|during)\b", re.IGNORECASE)
_YEARS = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()  # noqa: SIM905
_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}
# Forms in which a table writes what a question spells out: `fourth` is `4` or `4th`.
_SPELLED = {word: (str(n), f"{n}{_SUFFIXES.get(n, 'th')}") for n, word in enumerate(_ORDINALS, 1)}


def rows_asked(rows: Sequence[Item], best: Item, question: str, words: QuestionWords) -> list[Item]:
    """The rows that a question asks for, in the table's order; the best one alone where its words name no other.

    Args:
        rows: of the table, without its header.
        best: the row that the reader points at.
        question: as it is searched.
        words: its content words.
    """
    held = _held(rows, question, words)
    own = held.get(best, frozenset())
    alike = {row for row in rows if own and own <= held[row]}
    chosen = alike if len(alike) <= MAX_ROWS else set()
    if _JOINS.search(question):
        chosen |= _joined(rows, held, own, words)
    return [row for row in rows if row in chosen or row == best]


def _held(rows: Sequence[Item], question: str, words: QuestionWords) -> dict[Item, frozenset[str]]:
    """Of each row the words of the question that it holds, less those that every row holds."""
    span, spanned = _years(question)
    found: dict[Item, set[str]] = {}
    for row in rows:
        text = _text(row)
        stems = frozenset(terms(text))
        keys = {word for word, wanted in words.content if word not in spanned and _holds(stems, word, wanted)}
        if span and any(span[0] <= int(year) <= span[1] for year in _YEARS.findall(text)):
            keys.add("years")
        found[row] = keys
    everywhere = set.intersection(*found.values()) if len(found) > 1 else set()
    return {row: frozenset(keys - everywhere) for row, keys in found.items()}


def _holds(stems: frozenset[str], word: str, wanted: frozenset[str]) -> bool:
    return wanted <= stems or any(form in stems for form in _SPELLED.get(fold(word), ()))


def _years(question: str) -> tuple[tuple[int, int] | None, frozenset[str]]:
    """The span of years that a question names, both ends included, and the words that say it."""
    match = _RANGE.search(question)
    if match is None:
        return None, frozenset()
    first, last, side, year = match.groups()
    if side:
        at = int(year)
        limits = {"since": (at, 9999), "after": (at + 1, 9999), "before": (0, at - 1), "until": (0, at)}
        return limits[side.lower()], frozenset({year})
    # `in 1994 and 1995` names two years, `between 1994 and 1997` all from one to the other.
    if re.search(r"\band\b", match.group(), re.IGNORECASE) and not _BETWEEN.match(match.group()):
        return None, frozenset()
    return (int(first), int(last)), frozenset({first, last})


def _joined(
    rows: Sequence[Item], held: dict[Item, frozenset[str]], own: frozenset[str], words: QuestionWords
) -> set[Item]:
    """Rows that a name or a number, or their own label, brings in beside the best one's; none that says less."""
    names = {word for word, _ in words.names} | {word for word, _ in words.content if fold(word) in _SPELLED}
    asked = words.stems
    found: dict[frozenset[str], set[Item]] = {}
    for row in rows:
        new = held[row] - own
        label = frozenset(terms(_label(row)))
        if (
            new
            and (new & names or (label and label <= asked))
            and not any(held[row] < other for other in held.values())
        ):
            found.setdefault(held[row], set()).add(row)
    return {row for group in found.values() if len(group) <= MAX_ROWS for row in group}


def _text(row: Item) -> str:
    passage, index = row
    unit = passage.units[index]
    return passage.between(unit.start, unit.end)


def _label(row: Item) -> str:
    """The first cell that holds a letter or a digit."""
    passage, index = row
    cells = (passage.between(cell.start, cell.end) for cell in passage.units[index].cells)
    return next((cell for cell in cells if any(char.isalnum() for char in cell)), "")
