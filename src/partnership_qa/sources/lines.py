"""Lines of a text and the marks that structure them: bullets, numbers, pipe tables, rulers, headings.

Both text formats read their lines through this module, so that a list or a table is the same thing in each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ..document import Block, BlockKind
from ..text import Span, strip_span

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_BULLET = re.compile(r"(?:[-*+•‣◦▪●·–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z]\)|\([ivxIVX]{1,5}\))[ \t]+(?=\S)")  # noqa: RUF001
_DELIMITER = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*\Z")
_UNDERLINE = re.compile(r"\s*(={3,}|-{3,}|~{3,}|\^{3,})\s*\Z")
_RULER = re.compile(r"\s*([-*_=~#])(?:[ \t]*\1){2,}\s*\Z")
_ATX = re.compile(r"\s{0,3}(#{1,6})[ \t]+(\S.*?)(?:[ \t]+#+)?[ \t]*\Z")
# MediaWiki and AsciiDoc headings, `== Title ==`; some exports put spaces between the signs.
_WIKI = re.compile(r"\s*(=(?: ?=){0,5})\s+([^=\s](?:.*[^=\s])?)\s+\1\s*\Z")
_BAR = re.compile(r"(?<!\\)\|")
_INVISIBLE = {0xFEFF: None, 0x200B: None}
TERMINAL = re.compile(r"[.!?…。！？:;,](?:[\"'”’»)\]]|\[\d+\])*\Z")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line: its characters `[start, end)` without the line break, and their text."""

    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether it holds white space alone (a byte-order mark and a space of no width count as white space)."""
        return not self.text.translate(_INVISIBLE).strip()

    @property
    def indent(self) -> int:
        """Columns of white space before the first character; a tab goes to the next multiple of four."""
        expanded = self.text.expandtabs(4)
        return len(expanded) - len(expanded.lstrip())


def split_lines(text: str) -> list[Line]:
    r"""Physical lines of `text`, which end at `\n`, `\r\n` or `\r` and nothing else; a byte-order mark is in none."""
    lines = []
    for match in _LINE.finditer(text, int(text.startswith("\ufeff"))):
        body = match.group().rstrip("\r\n")
        lines.append(Line(match.start(), match.start() + len(body), body))
    return lines


def trimmed(line: Line) -> Span:
    """Characters of the line, counted from its start, without white space at its ends."""
    return strip_span(line.text, 0, len(line.text))


def bullet(line: Line) -> int:
    """Characters up to the content of a list item, counted from the line's start; 0 where it is none."""
    lead = len(line.text) - len(line.text.lstrip(" \t"))
    match = _BULLET.match(line.text, lead)
    return match.end() if match else 0


def heading(line: Line) -> tuple[int, Span] | None:
    """Level and content of a marked heading (`# Title`, `== Title ==`), in characters of the document."""
    if match := _ATX.match(line.text):
        return len(match.group(1)), Span(line.start + match.start(2), line.start + match.end(2))
    if match := _WIKI.match(line.text):
        level = match.group(1).count("=")
        return level, Span(line.start + match.start(2), line.start + match.end(2))
    return None


def underline_level(line: Line) -> int:
    """Heading level that a ruler under a title gives: 1 for `===`, 2 for `---`, 3 for others, 0 for no ruler."""
    match = _UNDERLINE.match(line.text)
    return {"=": 1, "-": 2}.get(match.group(1)[0], 3) if match else 0


def is_ruler(line: Line) -> bool:
    """Whether the line only divides what stands above it from what stands below."""
    return _RULER.match(line.text) is not None


def is_delimiter(line: Line) -> bool:
    """Whether the line divides a pipe table's header from its rows."""
    return "|" in line.text and "-" in line.text and _DELIMITER.match(line.text) is not None


def table_length(lines: Sequence[Line], at: int) -> int:
    """Number of lines of the pipe table that begins at `lines[at]`; 0 where none does.

    A table is a header over a delimiter row, or rows within outer bars, or two and more rows of which each has a bar.
    """
    length = 0
    while at + length < len(lines) and _BAR.search(lines[at + length].text) and not lines[at + length].blank:
        length += 1
    if not length:
        return 0
    first = lines[at].text.strip()
    outer = first.startswith("|") and first.endswith("|") and len(first) > 2
    return length if outer or length > 1 else 0


def _cells(line: Line) -> tuple[Span, ...]:
    """Trimmed cells of a row; a bar escaped by a backslash is a character of its cell."""
    body = trimmed(line)
    cuts = [match.start() for match in _BAR.finditer(line.text, body.start, body.end)]
    edges = [body.start - 1, *cuts, body.end]
    if cuts and cuts[0] == body.start:
        edges = edges[1:]
    if cuts and cuts[-1] == body.end - 1 and len(edges) > 2:
        edges = edges[:-1]
    cells = []
    for left, right in pairwise(edges):
        cell = strip_span(line.text, left + 1, right)
        cells.append(Span(line.start + cell.start, line.start + cell.end))
    return tuple(cells)


def table_blocks(lines: Sequence[Line], group: int) -> list[Block]:
    """Rows of one pipe table. The first is a header over a delimiter, or where it alone holds no figures."""
    delimiters = [index for index, line in enumerate(lines) if is_delimiter(line)]
    rows = [(index, line) for index, line in enumerate(lines) if index not in delimiters]
    header_rows = delimiters[0] if delimiters else int(_looks_like_header([line for _, line in rows]))
    blocks = []
    for index, line in rows:
        body = trimmed(line)
        span = Span(line.start + body.start, line.start + body.end)
        is_header = index < header_rows and len(rows) > 1
        blocks.append(Block(BlockKind.TABLE_ROW, *span, span, 0, group, _cells(line), is_header))
    return blocks


def _looks_like_header(rows: Sequence[Line]) -> bool:
    return names_columns([[row.text[c.start - row.start : c.end - row.start] for c in _cells(row)] for row in rows])


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of cells names the columns, where nothing says so.

    It has an empty corner, or holds no figures above rows that have them.
    """
    if len(rows) < 2:
        return False
    if rows[0] and rows[0][0] in ("", "-", "–", "—"):  # noqa: RUF001
        return True
    has_figures = [any(char.isdigit() for cell in row for char in cell) for row in rows]
    return not has_figures[0] and any(has_figures[1:])
