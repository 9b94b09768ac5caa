"""Numbers that an office program computes for paragraphs, such as `2.1` or `(b)`, from the numbering part of a DOCX.

A paragraph names a list and a level, itself or by its style. The list says how each level counts, how its number is
written and after which level it starts again. Lists that share a definition share its counters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HOLDER = re.compile(r"%([1-9])")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
MAX_LEVEL = 8
_MAX_NUMBER = 1_000_000
_MAX_LINKS = 20  # from style to style and from list to list


def value(element: Any) -> str:
    """What an element says in its `val`; empty where there is no element."""
    return "" if element is None else str(element.get(f"{_W}val", ""))


def number_in(kind: str, number: int) -> str:
    """A number in one of the formats of WordprocessingML; in figures where the format is none of the common ones."""
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * min(1 + (number - 1) // 26, 30) if number > 0 else "0"
        return letter.upper() if kind == "upperLetter" else letter
    if kind in ("upperRoman", "lowerRoman") and 0 < number < 5000:
        out, left = "", number
        for size, sign in _ROMAN:
            out, left = out + sign * (left // size), left % size
        return out.upper() if kind == "upperRoman" else out
    if kind == "decimalZero":
        return f"{number:02}"
    if kind == "ordinal":
        teen = 10 <= number % 100 <= 20
        return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
    return "" if kind == "none" else str(number)


@dataclass(frozen=True, slots=True)
class Level:
    """How a level of a list counts.

    Attributes:
        start: its first number.
        kind: format of its numbers; `bullet` for none.
        shown: what is written, with `%1` for the number of the first level and so on.
        restart: the level, from 1, after which it starts again; 0 for never.
        legal: whether the numbers of all levels are written in figures.
        style: id of the paragraph style that is bound to it.

    """

    start: int = 1
    kind: str = "decimal"
    shown: str = ""
    restart: int = 0
    legal: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of a paragraph.

    Attributes:
        own: as it is written; empty where nothing is.
        full: the same after the numbers of the levels above that it does not repeat: `2.1 (b)`.
        level: from 0.
        bullet: whether it is a bullet and no number.

    """

    own: str
    full: str
    level: int
    bullet: bool


class Numbering:
    """Counts the paragraphs of a document, which are asked for in order."""

    def __init__(self, part: Any, styles: Any) -> None:
        """Read the lists.

        Args:
            part: the root of the numbering part; `None` where there is none.
            styles: the root of the styles.

        """
        self._abstract: dict[str, dict[int, Level]] = {}
        self._lists: dict[str, tuple[str, dict[int, Level]]] = {}  # by id: definition whose counters it uses, levels
        self._restarts: dict[str, dict[int, int]] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._styles = {one.get(f"{_W}styleId", ""): one for one in styles.findall(f"{_W}style")}
        if part is not None:
            self._read(part)

    def _read(self, part: Any) -> None:
        definitions = {one.get(f"{_W}abstractNumId", ""): one for one in part.findall(f"{_W}abstractNum")}
        lists = {one.get(f"{_W}numId", ""): one for one in part.findall(f"{_W}num")}
        for name, one in lists.items():
            root = value(one.find(f"{_W}abstractNumId"))
            for _ in range(_MAX_LINKS):  # a definition may point at a style, which names the list that has another
                link = value(definitions[root].find(f"{_W}numStyleLink")) if root in definitions else ""
                linked = self._styles[link].find(f"{_W}pPr/{_W}numPr/{_W}numId") if link in self._styles else None
                if value(linked) not in lists:
                    break
                root = value(lists[value(linked)].find(f"{_W}abstractNumId"))
            if root not in self._abstract:
                found = definitions[root].findall(f"{_W}lvl") if root in definitions else []
                self._abstract[root] = dict(_levels(found))
            levels = dict(self._abstract[root])
            for override in one.findall(f"{_W}lvlOverride"):
                at = _whole(override.get(f"{_W}ilvl", ""), 0)
                levels |= dict(_levels(override.findall(f"{_W}lvl")))
                start = override.find(f"{_W}startOverride")
                if start is not None and at in levels:
                    levels[at] = replace(levels[at], start=_whole(value(start), 1))
                    self._restarts.setdefault(name, {})[at] = levels[at].start
            self._lists[name] = root, levels

    def of(self, properties: Any) -> tuple[str, int] | None:
        """List and level of a paragraph by its properties, its own before its style's; `None` where it has none."""
        if properties is None:
            return None
        style = value(properties.find(f"{_W}pStyle"))
        numbering, bound = properties.find(f"{_W}numPr"), ""
        inherited = self._inherited(style)
        name = value(numbering.find(f"{_W}numId")) if numbering is not None else ""
        inset = value(numbering.find(f"{_W}ilvl")) if numbering is not None else ""
        if not name and inherited is not None:
            name, of_style, bound = inherited
            inset = inset or of_style
        if name not in self._lists:
            return None
        levels = self._lists[name][1]
        by_style = next((at for at, level in levels.items() if bound and level.style == bound), None)
        at = by_style if by_style is not None and numbering is None else _whole(inset, 0)
        return name, min(max(at, 0), MAX_LEVEL)

    def _inherited(self, style: str) -> tuple[str, str, str] | None:
        """List, level and the style that says so, of a style or of those that it is based on."""
        for _ in range(_MAX_LINKS):
            element = self._styles.get(style)
            if element is None:
                return None
            numbering = element.find(f"{_W}pPr/{_W}numPr")
            if numbering is not None and value(numbering.find(f"{_W}numId")):
                return value(numbering.find(f"{_W}numId")), value(numbering.find(f"{_W}ilvl")), style
            style = value(element.find(f"{_W}basedOn"))
        return None

    def count(self, name: str, at: int) -> Numbered:
        """The number of the next paragraph at level `at` of the list `name`."""
        root, levels = self._lists[name]
        counters = self._counters.setdefault(root, {})
        restart = self._restarts.get(name, {}).pop(at, None)  # a list that begins anew does so once
        if restart is not None:
            counters[at] = restart
        else:
            level = levels.get(at, Level())
            counters[at] = min(counters[at] + 1, _MAX_NUMBER) if at in counters else level.start
        for deeper in [one for one in counters if one > at]:
            after = levels.get(deeper, Level()).restart
            if after and at < after:
                del counters[deeper]
        for above in range(at):  # a level that no paragraph has had counts from its start
            counters.setdefault(above, levels.get(above, Level()).start)
        own = self._written(levels, counters, at)
        full, shown = own, levels.get(at, Level()).shown
        for above in range(at - 1, -1, -1):
            level = levels.get(above, Level())
            if not own or level.kind == "bullet" or f"%{above + 1}" in shown:
                break
            outer = self._written(levels, counters, above).rstrip(".")
            full = f"{outer} {full}" if outer else full
            shown += level.shown
        return Numbered(own, full, at, levels.get(at, Level()).kind == "bullet")

    @staticmethod
    def _written(levels: dict[int, Level], counters: dict[int, int], at: int) -> str:
        level = levels.get(at, Level())
        if level.kind == "bullet":
            return ""

        def number(match: re.Match[str]) -> str:
            of = int(match.group(1)) - 1
            kind = "decimal" if level.legal else levels.get(of, Level()).kind
            return number_in(kind, counters.get(of, levels.get(of, Level()).start))

        return " ".join(_HOLDER.sub(number, level.shown).split())


def _levels(elements: list[Any]) -> Iterator[tuple[int, Level]]:
    for one in elements:
        at = _whole(one.get(f"{_W}ilvl", ""), 0)
        legal = one.find(f"{_W}isLgl")
        yield (
            at,
            Level(
                _whole(value(one.find(f"{_W}start")), 0 if one.find(f"{_W}start") is None else 1),
                value(one.find(f"{_W}numFmt")) or "decimal",
                value(one.find(f"{_W}lvlText"))[:100],
                _whole(value(one.find(f"{_W}lvlRestart")), at),
                legal is not None and value(legal) not in ("0", "false"),
                value(one.find(f"{_W}pStyle")),
            ),
        )


def _whole(text: str, otherwise: int) -> int:
    return min(int(text), _MAX_NUMBER) if text.isascii() and text.isdigit() else otherwise
