"""Passages as columns: numbers in arrays, headings and column names once each, texts where their sources stand.

    rows.npy     a row a passage, and one behind the last: where it and its units begin
    units.npy    a row a unit, and one behind the last
    cells.npy    two offsets a cell
    labels.npy   where each label begins in labels.bin, and where the last one ends
    labels.bin   labels: lists of strings as JSON, each once, the empty one first
    keys.npy     SHA-256 of what was embedded of each passage

A passage is made of them when it is asked for, so that an index of any size opens at once.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ..chunking import Passage, Unit
from ..document import BlockKind
from ..errors import IndexCorruptError
from ..text import Span
from .blobs import array_in, pieces_of, release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from .blobs import Data, Pieces
    from .manifest import SourceEntry

ROWS, UNITS, CELLS, LABELS, LABEL_TEXTS, KEYS = FILES = (
    "passages/rows.npy", "passages/units.npy", "passages/cells.npy", "passages/labels.npy", "passages/labels.bin",
    "passages/keys.npy",
)  # fmt: skip
KEY_BYTES = 32
_KINDS = tuple(BlockKind)
# `at` and `size` are bytes of `sources.txt`, the other offsets characters of the document.
_ROW = np.dtype([
    ("at", "<u8"), ("size", "<u4"), ("start", "<u4"), ("end", "<u4"), ("line", "<u4"), ("section", "<u4"),
    ("units", "<u4"),
])  # fmt: skip
_UNIT = np.dtype([
    ("start", "<u4"), ("end", "<u4"), ("first", "<u4"), ("last", "<u4"), ("group", "<i4"), ("level", "<i4"),
    ("columns", "<u4"), ("cells", "<u4"), ("kind", "u1"), ("header", "u1"), ("spare", "<u2"),
])  # fmt: skip
_NOTHING = b"[]"
_KEPT_LABELS = 4096
_RELEASED_AFTER = 256  # passages that were made, what is mapped of the files is given back


@dataclass(frozen=True, slots=True)
class Part:
    """The columns of some passages that stand one after another, with offsets of their own.

    Attributes:
        rows, units, cells: without the rows behind the last; `at` is counted from the first text's beginning.
        labels: that they number, the empty one first.
        keys: SHA-256 of what is embedded of each passage, uint8 of shape (passages, 32).
        origin: number of its first passage in the index that they were taken from; -1 where they are new.

    """

    rows: NDArray[Any]
    units: NDArray[Any]
    cells: NDArray[np.uint32]
    labels: tuple[bytes, ...]
    keys: NDArray[np.uint8]
    origin: int = -1

    def __len__(self) -> int:
        return len(self.rows)


def part_of(passages: Sequence[Passage], text: str, keys: Iterable[bytes]) -> Part:
    """Columns of the passages of one text; `keys` are the hashes of what is embedded of each."""
    numbers: dict[bytes, int] = {_NOTHING: 0}

    def label(strings: tuple[str, ...]) -> int:
        data = json.dumps(strings, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return numbers.setdefault(data, len(numbers))

    places = _bytes_at(text, {offset for p in passages for offset in (p.start, p.end)})
    rows: list[tuple[Any, ...]] = []
    units: list[tuple[Any, ...]] = []
    cells: list[Span] = []
    for p in passages:
        at = places[p.start]
        rows.append((at, places[p.end] - at, p.start, p.end, p.line, label(p.section), len(units)))
        for unit in p.units:
            units.append((
                unit.start, unit.end, *unit.content, unit.group, unit.level, label(unit.columns), len(cells),
                _KINDS.index(unit.kind), int(unit.is_header), 0,
            ))  # fmt: skip
            cells += unit.cells
    hashes = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, KEY_BYTES)
    return Part(
        np.array(rows, dtype=_ROW), np.array(units, dtype=_UNIT), np.array(cells, dtype="<u4").reshape(-1, 2),
        tuple(numbers), hashes,
    )  # fmt: skip


def _bytes_at(text: str, offsets: Iterable[int]) -> dict[int, int]:
    """Where characters begin in the text's UTF-8."""
    places, done, at = {}, 0, 0
    for offset in sorted(offsets):
        at += len(text[done:offset].encode("utf-8"))
        places[offset] = at
        done = offset
    return places


def dump(parts: Sequence[Part], sizes: Sequence[int]) -> dict[str, Pieces]:
    """The files of the parts together; `sizes` are the bytes of each part's text."""
    numbers: dict[bytes, int] = {_NOTHING: 0}
    begin = np.cumsum([0, *sizes])
    counts = np.cumsum([[0, 0]] + [[len(part.units), len(part.cells)] for part in parts], axis=0)
    rows = np.concatenate([*(part.rows for part in parts), np.zeros(1, _ROW)])
    units = np.concatenate([*(part.units for part in parts), np.zeros(1, _UNIT)])
    row, unit = 0, 0
    for number, part in enumerate(parts):
        mine, own = rows[row : row + len(part.rows)], units[unit : unit + len(part.units)]
        mine["at"] += np.uint64(begin[number])
        mine["units"] += np.uint32(counts[number][0])
        own["cells"] += np.uint32(counts[number][1])
        labels = np.array([numbers.setdefault(data, len(numbers)) for data in part.labels], dtype=np.uint32)
        mine["section"] = labels[mine["section"]]
        own["columns"] = labels[own["columns"]]
        row, unit = row + len(mine), unit + len(own)
    rows[-1]["at"], rows[-1]["units"], units[-1]["cells"] = begin[-1], counts[-1][0], counts[-1][1]
    ends = np.cumsum([0, *map(len, numbers)], dtype=np.uint64)
    keys = [part.keys for part in parts if len(part)]
    cells = [part.cells for part in parts if len(part.cells)]
    return {
        ROWS: pieces_of(rows), UNITS: pieces_of(units), LABELS: pieces_of(ends.astype("<u8")),
        CELLS: pieces_of(np.concatenate(cells) if cells else np.zeros((0, 2), "<u4")),
        LABEL_TEXTS: [memoryview(b"".join(numbers))],
        KEYS: pieces_of(np.concatenate(keys) if keys else np.zeros((0, KEY_BYTES), np.uint8)),
    }  # fmt: skip


class PassageTable(Sequence[Passage]):
    """The passages of an index, each made when it is asked for; safe to share between threads."""

    def __init__(self, files: Mapping[str, Data], entries: Sequence[SourceEntry], texts: Data, folder: Path) -> None:
        """Take the columns as they stand in the files.

        Args:
            files: what `dump` gave.
            entries: the sources, in order.
            texts: those of the sources, one after another.
            folder: where the files stand, to be named where one turns out to be forged.

        Raises:
            ValueError: they do not fit together.

        """
        self._rows, self._units = array_in(files[ROWS], _ROW), array_in(files[UNITS], _UNIT)
        self._cells, self._ends = array_in(files[CELLS], "<u4", 2), array_in(files[LABELS], "<u8")
        self._keys = array_in(files[KEYS], np.uint8, 2)
        self._label_texts, self._texts, self._folder = files[LABEL_TEXTS], texts, folder
        self._entries = tuple(entries)
        self._first = np.cumsum([0, *(entry.passages for entry in entries)], dtype=np.int64)
        self._label = lru_cache(maxsize=_KEPT_LABELS)(self._read_label)
        self._begins = np.cumsum([0, *(entry.size for entry in entries)], dtype=np.uint64)
        self.check()
        self._files, self._made = tuple(files.values()), 0
        self._release()

    def _release(self) -> None:
        for data in (*self._files, self._texts):
            release(data)

    def __len__(self) -> int:
        return len(self._rows) - 1

    @overload
    def __getitem__(self, number: int) -> Passage: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, number: int | slice) -> Passage | tuple[Passage, ...]:
        if isinstance(number, slice):
            return tuple(self[one] for one in range(*number.indices(len(self))))
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        self._made += 1  # that threads may miscount does no harm
        if self._made % _RELEASED_AFTER == 0:
            self._release()
        try:
            return self._passage(number % len(self))
        except ValueError as error:
            raise IndexCorruptError(self._folder / ROWS, f"does not fit the texts ({error})") from None

    def __iter__(self) -> Iterator[Passage]:
        return (self[number] for number in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def _passage(self, number: int) -> Passage:
        entry = self._entries[int(np.searchsorted(self._first, number, side="right")) - 1]
        at, size, start, end, line, section, units = self._rows[number].item()
        last = int(self._rows["units"][number + 1])
        text = bytes(memoryview(self._texts)[at : at + size]).decode("utf-8")
        page = bisect.bisect_right(entry.pages, start) if entry.pages else None
        made = tuple(self._unit(unit, row) for unit, row in enumerate(self._units[units:last].tolist(), units))
        return Passage(entry.name, start, end, text, self._label(section), line, made, page)

    def _unit(self, number: int, row: tuple[int, ...]) -> Unit:
        start, end, first, last, group, level, columns, cells, kind, header, _ = row
        behind = int(self._units["cells"][number + 1])
        spans = tuple(Span(*cell) for cell in self._cells[cells:behind].tolist()) if behind > cells else ()
        names = self._label(columns) if columns else ()
        return Unit(_KINDS[kind], start, end, Span(first, last), group, level, spans, names, bool(header))

    def _label_data(self, number: int) -> bytes:
        begin, end = self._ends[number : number + 2].tolist()
        return bytes(memoryview(self._label_texts)[begin:end])

    def _read_label(self, number: int) -> tuple[str, ...]:
        strings = json.loads(self._label_data(number))
        if not isinstance(strings, list) or not all(isinstance(one, str) for one in strings):
            raise ValueError("a label is no list of strings")
        return tuple(strings)

    @property
    def keys(self) -> NDArray[np.uint8]:
        """SHA-256 of what was embedded of each passage, uint8 of shape (passages, 32)."""
        return self._keys

    def part(self, first_source: int, behind: int) -> Part:
        """The columns of the passages of the sources from number `first_source` to the one before `behind`."""
        first, last = int(self._first[first_source]), int(self._first[behind])
        rows = self._rows[first : last + 1].copy()
        units = self._units[int(rows["units"][0]) : int(rows["units"][-1]) + 1].copy()
        cells = self._cells[int(units["cells"][0]) : int(units["cells"][-1])]
        units["cells"] -= units["cells"][0]
        rows["units"] -= rows["units"][0]
        rows, units = rows[:-1], units[:-1]
        rows["at"] -= self._begins[first_source]
        # In the order in which they would be met again: a passage's headings, then the columns of its units.
        met = np.insert(units["columns"], rows["units"].astype(np.int64), rows["section"])
        used, places = np.unique(np.concatenate([[0], met]), return_index=True)
        order = np.argsort(places)
        new = np.empty(len(used), dtype=np.uint32)
        new[order] = np.arange(len(used))
        rows["section"] = new[np.searchsorted(used, rows["section"])]
        units["columns"] = new[np.searchsorted(used, units["columns"])]
        return Part(rows, units, cells, self._labels(used[order]), self._keys[first:last], first)

    def _labels(self, numbers: NDArray[Any]) -> tuple[bytes, ...]:
        """The labels with these numbers; all bytes that they lie among are copied once."""
        lowest, behind = int(self._ends[numbers.min()]), int(self._ends[numbers.max() + 1])
        data = bytes(memoryview(self._label_texts)[lowest:behind])
        begins, ends = self._ends[numbers] - lowest, self._ends[numbers + 1] - lowest
        return tuple(data[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True))

    def check(self) -> None:
        """Compare the columns with one another and with the texts.

        Raises:
            ValueError: they do not fit together.

        """
        count, rows, units, ends = len(self), self._rows, self._units, self._ends
        if count != self._first[-1] or len(units) < 1 or len(ends) < 2 or self._cells.shape[1:] != (2,):
            raise ValueError(f"holds {count} passages, not {self._first[-1]}")
        if self._keys.shape != (count, KEY_BYTES):
            raise ValueError("has not a key for each passage")
        last = len(ends) - 1
        whole = (
            (rows["units"][0], rows["units"][-1], units["cells"][0], units["cells"][-1], ends[0], ends[-1])
            == (0, len(units) - 1, 0, len(self._cells), 0, len(self._label_texts))
        )  # fmt: skip
        ascending = all(bool(np.all(one[1:] >= one[:-1])) for one in (rows["units"], units["cells"], ends))
        named = max(_highest(rows["section"]), _highest(units["columns"])) < last
        if not whole or not ascending or not named or _highest(units["kind"]) >= len(_KINDS):
            raise ValueError("its columns do not fit together")
        counts = np.diff(self._first)
        begin, end = (np.repeat(bound, counts) for bound in (self._begins[:-1], self._begins[1:]))
        inside = (rows["at"][:-1] >= begin) & (rows["at"][:-1] + rows["size"][:-1] <= end)
        if not np.all(inside) or np.any(rows["start"] > rows["end"]):
            raise ValueError("its passages lie outside the texts")


def _highest(values: NDArray[Any]) -> int:
    return int(values.max()) if len(values) else 0
