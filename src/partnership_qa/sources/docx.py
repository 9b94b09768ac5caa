"""Office documents (DOCX) into text with its structure, opened by python-docx.

Headings are told by their style's outline level, list items by their numbering. Text that was deleted or hidden is left
out, inserted text is read; headers, footers, footnotes and comments are not.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from ..errors import OptionalDependencyError
from .encoding import NotTextError
from .layout import Extracted, Layout
from .lines import names_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_UNPACKED_BYTES = 200 * 2**20
MAX_RATIO = 100
MAX_COLUMNS = 100
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PASSED_OVER = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}instrText", _FALLBACK))
_WRAPPERS = frozenset((f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"))
_HEADING_NAME = re.compile(r"heading (\d)\Z", re.IGNORECASE)
_LIST_NAME = re.compile(r"list (?:bullet|number)(?: (\d))?\Z", re.IGNORECASE)


def read_docx(data: bytes) -> Extracted:
    """Text and blocks of a DOCX file.

    Raises:
        NotTextError: it is no DOCX file, is protected, or unpacks to more than it should.
        OptionalDependencyError: python-docx is not installed.

    """
    try:
        from docx import Document
    except ImportError as error:
        raise OptionalDependencyError("python-docx", "docx", "Reading DOCX") from error
    _check_size(data)
    try:
        document = Document(io.BytesIO(data))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise NotTextError(f"it is no DOCX file that can be opened ({error})") from None
    layout = Layout()
    reader = _Reader(layout, _styles(document))
    for element in _below(document.element.body, "p", "tbl"):
        reader.take(element)
    return layout.extracted


def _check_size(data: bytes) -> None:
    """Refuse what unpacks to too much before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise NotTextError("it is no DOCX file (or one that is protected by a password)") from None
    if unpacked > MAX_UNPACKED_BYTES or unpacked > max(2**20, MAX_RATIO * len(data)):
        raise NotTextError(f"it unpacks to {unpacked / 2**20:.0f} MiB, which is more than is read")


def _styles(document: Any) -> dict[str, tuple[int, int]]:
    """By the id of a paragraph style: its heading level (0 for none) and its list depth (-1 for none)."""
    found: dict[str, tuple[int, int]] = {}
    for style in document.styles.element.findall(f"{_W}style"):
        name = _value(style.find(f"{_W}name"))
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        heading, listed = _HEADING_NAME.match(name), _LIST_NAME.match(name)
        level = int(heading.group(1)) if heading else 1 if name.lower() == "title" else 0
        if not level and outline is not None and _value(outline).isdigit() and int(_value(outline)) < 9:
            level = int(_value(outline)) + 1
        depth = int(listed.group(1) or 1) - 1 if listed else -1
        if depth < 0 and style.find(f"{_W}pPr/{_W}numPr") is not None and not level:
            depth = 0
        found[style.get(f"{_W}styleId", "")] = (level, depth)
    return found


def _value(element: Any) -> str:
    return "" if element is None else str(element.get(f"{_W}val", ""))


def _below(parent: Any, *names: str) -> Iterator[Any]:
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


class _Reader:
    """Paragraphs and tables into a layout; items that follow one another are one list."""

    def __init__(self, layout: Layout, styles: dict[str, tuple[int, int]]) -> None:
        self._layout, self._styles = layout, styles
        self._group = -1

    def take(self, element: Any) -> None:
        if element.tag == f"{_W}tbl":
            self._group = -1
            self._table(element)
            return
        text = _text(element)
        level, depth = self._role(element)
        if not text.strip():
            return
        if depth >= 0:
            self._group = self._group if self._group >= 0 else self._layout.new_group()
            self._layout.item(text, self._group, depth)
            return
        self._group = -1
        if level:
            self._layout.heading(text, level)
        else:
            self._layout.paragraph(text)

    def _role(self, paragraph: Any) -> tuple[int, int]:
        """Heading level (0 for none) and list depth (-1 for none) of a paragraph; what it says itself counts first."""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return 0, -1
        level, depth = self._styles.get(_value(properties.find(f"{_W}pStyle")), (0, -1))
        outline = _value(properties.find(f"{_W}outlineLvl"))
        if outline.isdigit():
            level = int(outline) + 1 if int(outline) < 9 else 0
        numbering = properties.find(f"{_W}numPr")
        if numbering is not None and not level:
            off = _value(numbering.find(f"{_W}numId")) == "0"
            inset = _value(numbering.find(f"{_W}ilvl"))
            depth = -1 if off else int(inset) if inset.isdigit() else max(depth, 0)
        return level, depth if not level else -1

    def _table(self, table: Any) -> None:
        rows: list[list[str]] = []
        headers = 0
        for row in _below(table, "tr"):
            cells = _cells(row, rows[-1] if rows else [])
            if any(cell.strip() for cell in cells):
                headers += headers == len(rows) and row.find(f"{_W}trPr/{_W}tblHeader") is not None
                rows.append(cells)
        width = max(map(len, rows), default=0)
        if width < 2:  # a frame round a text
            for row in rows:
                self._layout.paragraph(row[0])
            return
        rows = [row + [""] * (width - len(row)) for row in rows]
        self._layout.table(rows, headers or int(names_columns(rows)))


def _cells(row: Any, above: list[str]) -> list[str]:
    """Cells of a row; one that spans rows is said again in each of them, one that spans columns is followed by none."""
    cells: list[str] = []
    for cell in _below(row, "tc"):
        properties = cell.find(f"{_W}tcPr")
        merged = properties.find(f"{_W}vMerge") if properties is not None else None
        if merged is not None and _value(merged) != "restart" and len(cells) < len(above):
            text = above[len(cells)]
        else:
            text = " ".join(_text(paragraph) for paragraph in cell.iter(f"{_W}p"))
        span = _value(properties.find(f"{_W}gridSpan")) if properties is not None else ""
        cells += [text, *[""] * (min(int(span), MAX_COLUMNS) - 1 if span.isdigit() else 0)]
    return cells[:MAX_COLUMNS]


def _text(paragraph: Any) -> str:
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
        elif element.tag not in _PASSED_OVER and not _vanishes(element):
            if element.tag == f"{_W}p":  # of a text box
                parts.append("\n")
            waiting.append(iter(element))
    return "".join(parts)


def _vanishes(element: Any) -> bool:
    hidden = element.find(f"{_W}rPr/{_W}vanish") if element.tag == f"{_W}r" else None
    return hidden is not None and _value(hidden) not in ("0", "false")
