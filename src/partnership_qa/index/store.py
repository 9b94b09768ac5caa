"""An index that is opened: the passages, what finds them, and the sources that they are quoted from."""

from __future__ import annotations

import bisect
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..document import Document, Place, line_starts, place_of
from ..embedding import sha256_file
from ..errors import CorpusIndexError, IndexCorruptError
from ..sources import Extractor, Skipped, find_files, read_file
from .dense import DenseIndex
from .generations import Generation, read_current
from .lexical import FILES as LEXICAL_FILES
from .lexical import LexicalIndex
from .table import FILES as PASSAGE_FILES
from .table import ROWS, PassageTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .blobs import Data
    from .manifest import SourceEntry
    from .seam import Store

VECTORS = "vectors.npy"
CELLS = "cells.faiss"  # of many vectors
SOURCES = "sources.txt"
PLACES = "places.json"  # of sources that have some
BOXES = "boxes.bin"  # of sources that have some, one after another
_KEPT_CHARS = 64_000_000  # of texts that were read


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it was indexed: its text, the hash of the file's bytes, and where in it what begins or stands.

    `pages`, `places` and `boxes` are those of `Document`, `note` and `original` those of `SourceEntry`.
    """

    name: str
    text: str
    sha256: str
    line_starts: tuple[int, ...]
    pages: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()
    boxes: bytes = field(default=b"", repr=False)
    note: str = ""
    original: int = 0

    def line(self, offset: int) -> int:
        """1-based line that holds the character at `offset`."""
        return bisect.bisect_right(self.line_starts, offset)

    def page(self, offset: int) -> int | None:
        """1-based page that holds the character at `offset`; `None` where the source has no pages."""
        return bisect.bisect_right(self.pages, offset) if self.pages else None

    def place(self, offset: int) -> str | None:
        """Address of the source's own kind that holds the character at `offset`; `None` where there is none."""
        return place_of(self.places, offset)


@dataclass(frozen=True, slots=True)
class Index:
    """One generation, loaded. It is never changed: a rebuild makes another.

    Attributes:
        root: its folder.
        generation: name, manifest and corpus of what was loaded.
        sources: by name.
        passages: in the order of their documents and offsets; their numbers are those of both halves.
        dense, lexical: what finds them.

    """

    root: Path
    generation: Generation
    sources: SourceTexts
    passages: PassageTable
    dense: DenseIndex
    lexical: LexicalIndex


class SourceTexts(Mapping[str, Source]):
    """Sources by name, each read from its bytes when it is asked for; safe to share between threads."""

    def __init__(
        self, texts: Data, entries: Sequence[SourceEntry], places: bytes = b"{}", boxes: Data = b"",
        file: Path = Path(SOURCES),
    ) -> None:  # fmt: skip
        """Take the texts in UTF-8, one after another.

        Args:
            texts: of all sources.
            entries: what the manifest says of them.
            places: what `dump_places` gave.
            boxes: of the sources that have some.
            file: where the texts stand, to be named where they turn out to be forged.

        Raises:
            ValueError: the bytes are not those of these sources.

        """
        self._texts, self._boxes, self._file = texts, boxes, file
        self._placed = json.loads(places)
        self._where: dict[str, tuple[SourceEntry, int, int]] = {}
        at, boxed = 0, 0
        for entry in entries:
            self._where[entry.name] = (entry, at, boxed)
            at, boxed = at + entry.size, boxed + entry.boxes
        if at != len(texts) or len(self._where) != len(entries):
            raise ValueError(f"holds {len(texts)} bytes of texts, not {at}")
        if boxed != len(boxes) or not self._placed.keys() <= self._where.keys():
            raise ValueError("has places or boxes of other sources")
        self._kept: OrderedDict[str, Source] = OrderedDict()
        self._chars = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._where)

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)

    def __contains__(self, name: object) -> bool:
        return name in self._where

    def __getitem__(self, name: str) -> Source:
        with self._lock:
            if (source := self._kept.get(name)) is not None:
                self._kept.move_to_end(name)
                return source
        source = self._read(self._where[name][0])
        with self._lock:
            if name not in self._kept:
                self._kept[name] = source
                self._chars += len(source.text)
            while self._chars > _KEPT_CHARS and len(self._kept) > 1:
                self._chars -= len(self._kept.popitem(last=False)[1].text)
        return source

    def _read(self, entry: SourceEntry) -> Source:
        name = entry.name
        try:
            text = bytes(self.view(name)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise IndexCorruptError(self._file, f"does not fit its manifest ({error})") from None
        places, boxes = self.places(name), self.boxes(name)
        lines = line_starts(text)
        return Source(name, text, entry.sha256, lines, entry.pages, places, boxes, entry.note, entry.original)

    def view(self, name: str) -> memoryview:
        """Text of a source in UTF-8, where it stands."""
        entry, at, _ = self._where[name]
        return memoryview(self._texts)[at : at + entry.size]

    def boxes(self, name: str) -> bytes:
        """Where the characters of a source stand on their pages."""
        entry, _, boxed = self._where[name]
        if not entry.boxes:
            return b""
        return bytes(memoryview(self._boxes)[boxed : boxed + entry.boxes])

    def places(self, name: str) -> tuple[Place, ...]:
        """Addresses of a source's own kind."""
        placed = self._placed.get(name)
        return tuple(Place(int(start), str(label)) for start, label in placed) if placed else ()


def dump_places(places: Mapping[str, Sequence[Place]]) -> bytes:
    """Places by the names of their sources, as `load_sources` takes them."""
    return json.dumps(places, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def open_index(root: Path) -> Index:
    """Load the current generation; every byte of it is checked first.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: a file is missing or damaged; it is named.
        IndexMismatchError: it was written in another format.
        CorpusIndexError: there is not enough memory for it.

    """
    try:
        return _open(root)
    except MemoryError as error:
        raise CorpusIndexError(f"There is not enough memory to open the index at {root}: free some.") from error


def _open(root: Path) -> Index:
    return index_of(root, *read_current(root))


def index_of(root: Path, generation: Generation, files: Mapping[str, Data]) -> Index:
    """An index of a generation's files.

    Raises:
        IndexCorruptError: a file does not hold what the manifest says.

    """
    manifest, folder = generation.manifest, root / generation.name
    name = VECTORS
    try:
        dense = DenseIndex.from_data(files[VECTORS], manifest.passages, manifest.dimension, files.get(CELLS))
        name = f"lexical/{LEXICAL_FILES[0]}"
        lexical = LexicalIndex.from_files({n: files[f"lexical/{n}"] for n in LEXICAL_FILES}, manifest.passages)
        name = SOURCES
        places, boxes = bytes(memoryview(files.get(PLACES, b"{}"))), files.get(BOXES, b"")
        sources = SourceTexts(files[SOURCES], manifest.sources, places, boxes, folder / SOURCES)
        name = ROWS
        columns = {file: files[file] for file in PASSAGE_FILES}
        passages = PassageTable(columns, manifest.sources, files[SOURCES], folder)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexCorruptError(folder / name, f"does not fit its manifest ({error})") from None
    if len(passages) != manifest.passages:
        raise IndexCorruptError(folder / ROWS, f"holds {len(passages)} passages, not {manifest.passages}")
    return Index(root, generation, sources, passages, dense, lexical)


def corpus_changes(index: Store, corpus: Path) -> dict[str, list[str]]:
    """How a corpus differs from what was indexed: names of documents under `added`, `changed` and `removed`.

    Files that a build would leave out are not counted; those that the index does not know are read to tell.
    """
    changes: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
    refused = {entry.name: entry.sha256 for entry in index.generation.manifest.refused}
    seen = set()
    with Extractor() as extractor:
        for entry in find_files(corpus, index.root):
            if isinstance(entry, Skipped):
                continue
            source = index.sources.get(entry.name)
            try:
                sha256 = sha256_file(entry.path)
            except OSError:
                continue
            if source is not None and sha256 == source.sha256:
                seen.add(entry.name)
            elif refused.get(entry.name) != sha256 and isinstance(read_file(entry, extractor), Document):
                seen.add(entry.name)
                changes["added" if source is None else "changed"].append(entry.name)
    changes["removed"] = sorted(index.sources.keys() - seen)
    return changes
