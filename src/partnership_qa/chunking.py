"""Documents into passages: whole sentences, list items and table rows, never across a section.

A passage is one verbatim range of its document. The headings above it, and the column names of the rows in it, travel
beside the quoted text: they go into the embedding, the lexical index and the reader, and are never quoted as if they
stood in the passage.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from .document import BlockKind
from .text import Span, count_tokens, sentence_spans, strip_span, without_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .document import Block, Document

MAX_PASSAGE_TOKENS = 160
HEADING_SEPARATOR = " > "


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing that is quoted: a sentence, a list item, a table row or a line of code.

    Attributes:
        kind: of the block it comes from.
        start, end: characters of the document.
        group: number of its list or table in the document, -1 for none.
        level: depth of a list item.
        content: the range without bullet or number, which is what may answer.
        cells: of a table row, in order.
        columns: names of the columns of a table row, in order; empty where the table has no header.
        is_header: whether the row names the columns.

    """

    kind: BlockKind
    start: int
    end: int
    content: Span
    group: int = -1
    level: int = 0
    cells: tuple[Span, ...] = ()
    columns: tuple[str, ...] = ()
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive units of one section. Invariant: `document.text[start:end] == text`.

    Attributes:
        document: name of the document.
        start, end: characters of the document.
        text: exactly those characters.
        section: headings above, outermost first.
        line: 1-based line of `start`.
        page: page of `start` where the source has pages, else `None`.
        units: what it consists of, in order.

    """

    document: str
    start: int
    end: int
    text: str
    section: tuple[str, ...]
    line: int
    units: tuple[Unit, ...]
    page: int | None = None

    def between(self, start: int, end: int) -> str:
        """The text of `[start, end)`, in characters of the document; that much of it as the passage holds."""
        return self.text[max(0, start - self.start) : max(0, end - self.start)]

    @property
    def heading(self) -> str:
        """The headings above in one line, outermost first; empty where there are none."""
        return HEADING_SEPARATOR.join(self.section)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names of the first table row whose header stands outside the passage; else empty."""
        if any(unit.is_header for unit in self.units):
            return ()
        return next((unit.columns for unit in self.units if unit.columns), ())

    @property
    def holds_list(self) -> bool:
        """Whether it holds at least two items of lists."""
        return sum(unit.kind is BlockKind.LIST_ITEM for unit in self.units) > 1

    @property
    def indexed_text(self) -> str:
        """What is embedded and indexed: headings, column names, then the text."""
        return "\n".join(part for part in (self.heading, " | ".join(self.columns), self.text) if part)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON, without the units."""
        return {
            "document": self.document,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "section": list(self.section),
            "line": self.line,
            "page": self.page,
        }


class PieceCounter(Protocol):
    """Counts the word pieces of a text as the encoder sees it, special tokens left out."""

    def __call__(self, text: str) -> int:
        """How many."""
        ...


def split_document(
    document: Document, *, count_pieces: PieceCounter, max_pieces: int, max_tokens: int = MAX_PASSAGE_TOKENS
) -> list[Passage]:
    """Cut a document into passages.

    Args:
        document: the text and its structure.
        count_pieces: word pieces of a text, special tokens left out.
        max_pieces: the encoder's limit less its special tokens; no passage's `indexed_text` has more, so that none is
            ever truncated.
        max_tokens: cl100k tokens that a passage may have, headings left out.

    Returns:
        Passages in the text's order; together they hold every unit once.

    """
    passages: list[Passage] = []
    for number, section in enumerate(document.sections):
        headings = _carried(section.headings, count_pieces, max_pieces // 2)
        packer = _Packer(document, headings, count_pieces, max_pieces, max_tokens)
        blocks = [block for block in section.blocks if block.kind is not BlockKind.HEADING]
        if not blocks and not _has_children(document, number):
            blocks = list(section.blocks)
        columns = _columns(document.text, blocks)
        for block in blocks:
            for unit in _units(document.text, block, columns.get(block.group, ())):
                packer.add(unit)
        passages.extend(packer.finish())
    return passages


def _carried(headings: tuple[str, ...], count_pieces: PieceCounter, room: int) -> tuple[str, ...]:
    """The headings that a passage carries: the innermost that fit, and at least the first words of the last."""
    while len(headings) > 1 and count_pieces(HEADING_SEPARATOR.join(headings)) > room:
        headings = headings[1:]
    if not headings or count_pieces(headings[0]) <= room:
        return headings
    words = headings[0].split()
    low, high = 0, len(words)
    while low < high:  # as many words as fit
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_pieces(" ".join(words[:middle])) <= room else (low, middle - 1)
    return (" ".join(words[:low]),) if low else ()


def _has_children(document: Document, number: int) -> bool:
    """Whether the next section stands below this one, so that its heading is carried there."""
    own = document.sections[number].headings
    following = document.sections[number + 1 : number + 2]
    return any(section.headings[: len(own)] == own and len(section.headings) > len(own) for section in following)


def _columns(text: str, blocks: Iterable[Block]) -> dict[int, tuple[str, ...]]:
    """Column names of each table by its group; of header rows that follow one another each names what is below it."""
    rows: dict[int, list[tuple[str, ...]]] = {}
    last: int | None = None  # group of the block before, where that is a header row
    for block in blocks:
        if block.is_header:
            above = rows[block.group] if last == block.group else []
            rows[block.group] = [*above, tuple(" ".join(text[cell.start : cell.end].split()) for cell in block.cells)]
        last = block.group if block.is_header else None
    return {group: _stacked(names) for group, names in rows.items()}


def _stacked(rows: list[tuple[str, ...]]) -> tuple[str, ...]:
    """One name for each column from those above one another; one that stands over several columns is each one's."""
    names = [[name] if name else [] for name in rows[-1]]
    for row in reversed(rows[:-1]):
        over = ""
        for at, name in enumerate(row[: len(names)]):
            # The first column has the labels: what stands over it stands over nothing else.
            over = name or (over if names[at] else "")
            if over and over not in names[at]:
                names[at].insert(0, over)
            over = over if at else ""
    return tuple(" ".join(name) for name in names)


def _units(text: str, block: Block, columns: tuple[str, ...]) -> Iterator[Unit]:
    if block.kind is BlockKind.TABLE_ROW:
        yield Unit(
            block.kind, block.start, block.end, block.content, block.group, 0, block.cells,
            () if block.is_header else columns, block.is_header,
        )  # fmt: skip
    elif block.kind is BlockKind.LIST_ITEM:
        yield Unit(block.kind, block.start, block.end, block.content, block.group, block.level)
    elif block.kind is BlockKind.CODE:
        for span in _code_lines(text, block):
            yield Unit(block.kind, *span, span)
    else:
        for span in sentence_spans(text, block.start, block.end):
            yield Unit(block.kind, *span, without_number(text, span))


def _code_lines(text: str, block: Block) -> Iterator[Span]:
    start = block.start
    for line in text[block.start : block.end].splitlines(keepends=True):
        span = strip_span(text, start, start + len(line))
        start += len(line)
        if span.end > span.start:
            yield span


class _Packer:
    """Fills passages with units, greedily and in order.

    Word pieces add up exactly over parts that white space divides (BERT's tokenizer splits there first), so that a
    passage's cost is kept as a sum instead of being counted again for every unit.
    """

    def __init__(
        self,
        document: Document,
        headings: tuple[str, ...],
        count_pieces: PieceCounter,
        max_pieces: int,
        max_tokens: int,
    ) -> None:
        self._document = document
        self._headings = headings
        self._count_pieces = count_pieces
        self._max_pieces = max_pieces - count_pieces(HEADING_SEPARATOR.join(headings))
        self._max_tokens = max_tokens
        self._longest = 16 * max_tokens  # characters; what is longer is too long, and is not counted
        self._open: list[Unit] = []
        self._cost = (0, 0)
        self._done: list[Passage] = []

    def add(self, unit: Unit) -> None:
        """Append a unit, in a new passage where the open one would grow too long."""
        rest: Unit | None = unit
        while rest is not None:
            rest = self._take(rest)

    def _take(self, unit: Unit) -> Unit | None:
        """Append what fits of a unit that is too long, else all of it; what is left."""
        cost = self._added(unit)
        if self._open and not self._within(cost):
            self._close()
            cost = self._added(unit)
        if self._within(cost):
            self._open.append(unit)
            self._cost = cost
            return None
        # One sentence, item or row alone is too long: it is cut at a space, as late as will fit.
        head, rest = self._cut(unit)
        self._open.append(head)
        self._close()
        return rest

    def finish(self) -> list[Passage]:
        """The passages, the last one closed."""
        self._close()
        return self._done

    def _close(self) -> None:
        if self._open:
            start, end = self._open[0].start, self._open[-1].end
            document, units = self._document, tuple(self._open)
            text, line, page = document.text[start:end], document.line(start), document.page(start)
            self._done.append(Passage(document.name, start, end, text, self._headings, line, units, page))
        self._open, self._cost = [], (0, 0)

    def _added(self, unit: Unit) -> tuple[int, int]:
        """Tokens and word pieces of the open passage with the unit appended."""
        start = self._open[-1].end if self._open else unit.start
        text = self._document.text[start : min(unit.end, start + self._longest + 1)]
        names = " | ".join(unit.columns) if not any(other.columns or other.is_header for other in self._open) else ""
        return self._cost[0] + self._tokens(text), self._cost[1] + self._pieces(text) + self._pieces(names)

    def _within(self, cost: tuple[int, int]) -> bool:
        return cost[0] <= self._max_tokens and cost[1] <= self._max_pieces

    def _tokens(self, text: str) -> int:
        return count_tokens(text) if len(text) <= self._longest else len(text)

    def _pieces(self, text: str) -> int:
        if not text:
            return 0
        return self._count_pieces(text) if len(text) <= self._longest else len(text)

    def _cut(self, unit: Unit) -> tuple[Unit, Unit | None]:
        low, high = 1, min(unit.end - unit.start, self._longest)
        text = self._document.text
        while low < high:  # longest prefix that fits; one character always counts as fitting
            middle = (low + high + 1) // 2
            piece = text[unit.start : unit.start + middle]
            fits = self._within((self._tokens(piece), self._pieces(piece)))
            low, high = (middle, high) if fits else (low, middle - 1)
        cut = unit.start + low
        if cut < unit.end:
            space = max(text.rfind(" ", unit.start + 1, cut), text.rfind("\n", unit.start + 1, cut))
            cut = space if space > unit.start else cut
        rest = strip_span(text, cut, unit.end)
        head = _part(unit, unit.start, strip_span(text, unit.start, cut).end)
        return head, _part(unit, *rest) if rest.end > rest.start else None


def _part(unit: Unit, start: int, end: int) -> Unit:
    """A piece of a unit that had to be cut: quoted as running text, with the cells that lie in it whole."""
    first = bisect_left(unit.cells, start, key=attrgetter("start"))
    cells = unit.cells[first : bisect_right(unit.cells, end, first, key=attrgetter("end"))]
    content = Span(max(start, min(unit.content.start, end)), end)
    return Unit(unit.kind, start, end, content, unit.group, unit.level, cells, (), unit.is_header)
