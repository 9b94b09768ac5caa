"""Office documents (DOCX) into text with its structure, opened by python-docx.

Headings are told by their style's outline level, list items by their numbering. Numbers that the office program
computes are written before their text, as it shows them: in front of an item they are part of the quote, never of the
answer. A numbered line that is set over the text of its clause is a heading. Footnotes and endnotes follow the section
that refers to them. Text that was deleted or hidden is left out, inserted text is read; headers, footers and comments
are not.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from ..errors import OptionalDependencyError
from .archives import DAMAGED, check_archive, no_file, transitional
from .docx_nodes import PASSED_OVER, Style, below, cells_of, is_bold, read_styles, rows_in, text_of
from .layout import Extracted, Layout
from .lines import TERMINAL, names_columns
from .numbering import MAX_LEVEL, Numbered, Numbering, number_in, value
from .plain import MAX_HEADING_CHARS, MAX_HEADING_WORDS

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = ("numbering", "footnotes", "endnotes")


def read_docx(data: bytes) -> Extracted:
    """Text and blocks of a DOCX file.

    Raises:
        NotTextError: it is no DOCX file, is protected, or unpacks to more than it should.
        OptionalDependencyError: python-docx is not installed.

    """
    try:
        from docx import Document
        from docx.oxml.parser import parse_xml
    except ImportError as error:
        raise OptionalDependencyError("python-docx", "docx", "Reading DOCX") from error
    check_archive(data, "DOCX")
    try:
        document = Document(io.BytesIO(transitional(data)))
        related = [rel for rel in document.part.rels.values() if not rel.is_external]
        parts = {rel.reltype.rpartition("/")[2]: rel.target_part for rel in related}
        roots = {kind: parse_xml(parts[kind].blob) for kind in _PARTS if kind in parts}
    except DAMAGED as error:
        raise no_file("DOCX", error) from None
    styles = document.styles.element
    reader = _Reader(read_styles(styles), Numbering(roots.get("numbering"), styles), roots)
    for element in below(document.element.body, "p", "tbl"):
        reader.take(element)
    return reader.finish()


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that waits until it is known what follows it."""

    text: str
    level: int
    depth: int
    number: Numbered | None
    bold: bool
    notes: list[tuple[str, str]]  # sign and text of the notes it refers to


class _Reader:
    """Paragraphs and tables into a layout; items that follow one another are one list."""

    def __init__(self, styles: dict[str, Style], numbering: Numbering, notes: dict[str, Any]) -> None:
        self._layout, self._styles, self._numbering = Layout(), styles, numbering
        self._group = -1
        self._outer = 0  # level of the last heading that its style makes one
        self._waiting: _Paragraph | None = None
        self._notes: list[tuple[str, str]] = []
        self._counts = {"footnotes": 0, "endnotes": 0}
        self._bodies = {
            (kind, note.get(f"{_W}id", "")): " ".join(filter(None, map(text_of, note.iter(f"{_W}p"))))
            for kind in self._counts if kind in notes for note in notes[kind]
        }  # fmt: skip

    def take(self, element: Any) -> None:
        """Read a paragraph or a table of the body."""
        if element.tag == f"{_W}tbl":
            self._put(None)
            self._group = -1
            self._table(element)
            self._notes += self._referred(element)
            return
        properties = element.find(f"{_W}pPr")
        mark = properties.find(f"{_W}rPr") if properties is not None else None
        text, place = text_of(element), self._numbering.of(properties)
        deleted = mark is not None and mark.find(f"{_W}del") is not None and not text.strip()
        number = self._numbering.count(*place) if place is not None and not deleted else None
        if not text.strip():
            return
        style = self._styles.get(value(properties.find(f"{_W}pStyle")) if properties is not None else "", Style())
        if style.contents:
            return
        level, depth = self._role(properties, style, number)
        runs = [run for run in element.iter(f"{_W}r") if text_of(run).strip()]
        bold = all(is_bold(run, style) for run in runs)
        self._put(_Paragraph(text, level, depth, number, bold, self._referred(element)))

    def _role(self, properties: Any, style: Style, number: Numbered | None) -> tuple[int, int]:
        """Heading level (0 for none) and list depth (-1 for none) of a paragraph; what it says itself counts first."""
        if properties is None:
            return style.level, style.depth
        level, depth = style.level, style.depth
        outline = value(properties.find(f"{_W}outlineLvl"))
        if outline.isdigit():
            level = int(outline) + 1 if int(outline) < 9 else 0
        numbering = properties.find(f"{_W}numPr")
        if number is not None:  # a list whose level shows nothing only sets its text in
            depth = max(number.level, depth) if number.own or number.bullet else -1
        elif numbering is not None:
            inset = value(numbering.find(f"{_W}ilvl"))
            off = value(numbering.find(f"{_W}numId")) == "0"
            depth = -1 if off else min(int(inset), MAX_LEVEL) if inset.isdigit() else max(depth, 0)
        return level, depth if not level else -1

    def _put(self, following: _Paragraph | None) -> None:
        """Lay out the paragraph that waits, now that the one behind it is known."""
        one, self._waiting = self._waiting, following
        if one is None:
            return
        number = one.number.own if one.number is not None else ""
        level = one.level
        in_list = self._group >= 0
        if not level and number and _stands_over(one, following, in_list=in_list):
            level = self._outer + 1 + (one.number.level if one.number else 0)
        elif not level and one.number is None and one.depth < 0 and _is_bold_title(one, following):
            level = self._outer + 1
        elif level:
            self._outer = level
        if level:
            self._flush()
            self._layout.heading(f"{number} {one.text}" if number else one.text, level)
        elif one.depth >= 0:
            self._group = self._group if self._group >= 0 else self._layout.new_group()
            self._layout.item(one.text, self._group, one.depth, (one.number.full if one.number else "") or "-")
        else:
            self._group = -1
            self._layout.paragraph(one.text)
        self._notes += one.notes

    def _referred(self, element: Any) -> list[tuple[str, str]]:
        """Signs and texts of the notes that an element refers to, in order; a deleted reference counts for nothing."""
        found = []
        for one in element.iter(f"{_W}footnoteReference", f"{_W}endnoteReference"):
            if any(above.tag in PASSED_OVER for above in one.iterancestors()):
                continue
            kind = one.tag.rpartition("}")[2].removesuffix("Reference") + "s"
            self._counts[kind] += 1
            number = number_in("decimal" if kind == "footnotes" else "lowerRoman", self._counts[kind])
            found.append((f"[{number}]", self._bodies.get((kind, one.get(f"{_W}id", "")), "")))
        return found

    def _flush(self) -> None:
        """Close the section: its notes, then the list that was open."""
        if self._notes:
            group = self._layout.new_group()
            for sign, text in self._notes:
                self._layout.item(text, group, 0, sign)
        self._notes, self._group = [], -1

    def finish(self) -> Extracted:
        """What was read."""
        self._put(None)
        self._flush()
        return self._layout.extracted

    def _table(self, table: Any) -> None:
        rows: list[list[str]] = []
        headers = 0
        for row in below(table, "tr"):
            cells = cells_of(row, rows[-1] if rows else [])
            if any(cell.strip() for cell in cells):
                headers += headers == len(rows) and row.find(f"{_W}trPr/{_W}tblHeader") is not None
                rows += rows_in(row) or [cells]
        width = max(map(len, rows), default=0)
        if width < 2:  # a frame round a text
            for row in rows:
                self._layout.paragraph(row[0])
            return
        rows = [row + [""] * (width - len(row)) for row in rows]
        self._layout.table(rows, headers or int(names_columns(rows)))


def _is_bold_title(one: _Paragraph, following: _Paragraph | None) -> bool:
    """Whether a paragraph that its style makes no heading is one all the same: short, bold, over a text that is not."""
    text = " ".join(one.text.split())
    if not one.bold or following is None or following.bold or following.level or following.depth >= 0:
        return False
    if len(text) > MAX_HEADING_CHARS or len(text.split()) > MAX_HEADING_WORDS or not text[:1].isalnum():
        return False
    after = " ".join(following.text.split())
    return not TERMINAL.search(text) and len(after) > len(text) and bool(TERMINAL.search(after))


def _stands_over(one: _Paragraph, following: _Paragraph | None, *, in_list: bool) -> bool:
    """Whether a numbered paragraph is set over the text of its clause, as a heading is.

    It is short, opens like a title and does not end like a sentence; what follows is no item beside it. Where it is not
    bold, a sentence follows, and not behind the last item of a list.
    """
    text = " ".join(one.text.split())
    short = len(text) <= MAX_HEADING_CHARS and len(text.split()) <= MAX_HEADING_WORDS and not text[:1].islower()
    if following is None or not short or TERMINAL.search(text.removesuffix(".")):
        return False
    if following.depth >= 0 and (following.depth <= one.depth or following.number is None or following.number.bullet):
        return False
    after = " ".join(following.text.split())
    if one.bold:
        return not following.bold or following.level > 0 or len(after) > len(text)
    if text.endswith(".") or (in_list and following.depth < 0):
        return False
    return len(after) > len(text) and TERMINAL.search(after) is not None
