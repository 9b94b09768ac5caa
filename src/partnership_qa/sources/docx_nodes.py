"""Elements of a DOCX file: what paragraph styles say, paragraphs and cells in order, and the text of a paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .numbering import value

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_COLUMNS = 100
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PASSED_OVER = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}instrText", _FALLBACK))
_WRAPPERS = frozenset((f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"))
_HEADING_NAME = re.compile(r"heading (\d)\Z", re.IGNORECASE)
_CONTENTS_NAME = re.compile(r"toc (?:\d|heading)|table of figures", re.IGNORECASE)  # in Word of any language
_LIST_NAME = re.compile(r"list (?:bullet|number)(?: (\d))?\Z", re.IGNORECASE)
_MAX_BASES = 20
MIN_LINES = 3  # of a row of cells whose lines are rows
MIN_FIGURES = 0.7  # of such lines beside the labels; a currency stands above them
WORD = re.compile(r"[^\W\d_]{4}")


class Style(NamedTuple):
    """What a paragraph style says.

    Its heading level (0 for none), its list depth (-1 for none), whether it is bold, and whether it is that of a table
    of contents, whose lines stand again as headings.
    """

    level: int = 0
    depth: int = -1
    bold: bool = False
    contents: bool = False


def read_styles(styles: Any) -> dict[str, Style]:
    """What each paragraph style says, itself or by those that it is based on, by its id."""
    elements = {style.get(f"{_W}styleId", ""): style for style in styles.findall(f"{_W}style")}
    found: dict[str, Style] = {}
    for name, style in elements.items():
        chain, at = [name], value(style.find(f"{_W}basedOn"))
        while at in elements and at not in chain and len(chain) < _MAX_BASES:
            chain.append(at)
            at = value(elements[at].find(f"{_W}basedOn"))
        says = [_said(elements[one]) for one in chain]
        level = next((level for level, _, _ in says if level >= 0), 0)
        depth = next((depth for _, depth, _ in says if depth >= 0), -1)
        bold = next((bold for _, _, bold in says if bold is not None), False)
        contents = any(_CONTENTS_NAME.fullmatch(value(elements[one].find(f"{_W}name"))) for one in chain)
        found[name] = Style(level, depth if not level else -1, bold, contents)
    return found


def _said(style: Any) -> tuple[int, int, bool | None]:
    """Heading level, list depth and boldness that a style says itself; -1, -1 and `None` where it does not."""
    name = value(style.find(f"{_W}name"))
    heading, listed = _HEADING_NAME.match(name), _LIST_NAME.match(name)
    outline = value(style.find(f"{_W}pPr/{_W}outlineLvl"))
    level = int(heading.group(1)) if heading else 1 if name.lower() == "title" else -1
    if level < 0 and outline.isdigit():
        level = int(outline) + 1 if int(outline) < 9 else 0
    depth = int(listed.group(1) or 1) - 1 if listed else -1
    if depth < 0 and style.find(f"{_W}pPr/{_W}numPr") is not None:
        depth = 0
    return level, depth, _switched(style.find(f"{_W}rPr/{_W}b"))


def _switched(element: Any) -> bool | None:
    """Whether a property is on; `None` where it is not there."""
    return None if element is None else value(element) not in ("0", "false")


def below(parent: Any, *names: str) -> Iterator[Any]:
    """Elements of these names below a part of the document in order, those in content controls among them."""
    waiting = [iter(parent)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag in {f"{_W}{name}" for name in names}:
            yield element
        elif element.tag in _WRAPPERS:
            waiting.append(iter(element))


def is_bold(run: Any, style: Style) -> bool:
    """Whether a run of a paragraph of this style is set in bold."""
    own = _switched(run.find(f"{_W}rPr/{_W}b"))
    return style.bold if own is None else own


def cells_of(row: Any, above: list[str]) -> list[str]:
    """Cells of a row; one that spans rows is said again in each of them, one that spans columns is followed by none."""
    cells: list[str] = []
    for cell in below(row, "tc"):
        properties = cell.find(f"{_W}tcPr")
        merged = properties.find(f"{_W}vMerge") if properties is not None else None
        if merged is not None and value(merged) != "restart" and len(cells) < len(above):
            text = above[len(cells)]
        else:
            text = " ".join(text_of(paragraph) for paragraph in cell.iter(f"{_W}p"))
        span = value(properties.find(f"{_W}gridSpan")) if properties is not None else ""
        cells += [text, *[""] * (min(int(span), MAX_COLUMNS) - 1 if span.isdigit() else 0)]
    return cells[:MAX_COLUMNS]


def rows_in(row: Any) -> list[list[str]]:
    """The rows that a row of the table holds: one, or as many as its cells have lines where figures stand in them.

    Statements are often typed so: all labels in one cell, below one another, and beside them a cell for each year.
    """
    held = []
    for cell in below(row, "tc"):
        properties = cell.find(f"{_W}tcPr")
        merged = properties is not None and any(
            properties.find(f"{_W}{tag}") is not None for tag in ("vMerge", "gridSpan")
        )
        if merged:
            return []
        text = "\n".join(text_of(paragraph) for paragraph in cell.iter(f"{_W}p")).rstrip()
        held.append(text.split("\n") if text else [])
    filled = [lines for lines in held if lines]
    if len(filled) < 2 or not held[0] or len({len(lines) for lines in filled}) > 1 or len(filled[0]) < MIN_LINES:
        return []
    if not all(_is_column_of_figures(lines) for lines in filled[1:]):
        return []
    rows = [[lines[number] if lines else "" for lines in held[:MAX_COLUMNS]] for number in range(len(filled[0]))]
    return [cells for cells in rows if any(cell.strip() for cell in cells)]


def _is_column_of_figures(lines: list[str]) -> bool:
    """Whether figures stand below one another, with hardly a word among them."""
    said = [line for line in lines if line.strip()]
    figures = sum(any(map(str.isdigit, line)) and not WORD.search(line) for line in said)
    return len(said) > 0 and figures >= MIN_FIGURES * len(said)


def text_of(paragraph: Any) -> str:
    """Characters of a paragraph, without what was deleted or is hidden; a line break is one."""
    parts: list[str] = []
    waiting = [iter(paragraph)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.tag in (f"{_W}tab", f"{_W}noBreakHyphen"):
            parts.append(" " if element.tag.endswith("tab") else "\u2011")
        elif element.tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        elif element.tag not in PASSED_OVER and not _vanishes(element):
            if element.tag == f"{_W}p":  # of a text box
                parts.append("\n")
            waiting.append(iter(element))
    return "".join(parts)


def _vanishes(element: Any) -> bool:
    hidden = element.find(f"{_W}rPr/{_W}vanish") if element.tag == f"{_W}r" else None
    return hidden is not None and value(hidden) not in ("0", "false")
