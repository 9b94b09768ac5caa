"""An index in memory: the passages, what finds them, and the sources that they are quoted from."""

from __future__ import annotations

import bisect
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..chunking import Passage, Unit
from ..document import BlockKind, Document, Place, line_starts, place_of
from ..embedding import sha256_file
from ..errors import CorpusIndexError, IndexCorruptError
from ..sources import Extractor, Skipped, find_files, read_file
from ..text import Span
from .dense import DenseIndex
from .generations import Generation, read_current
from .lexical import FILES as LEXICAL_FILES
from .lexical import LexicalIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .manifest import SourceEntry
    from .seam import Store

PASSAGES = "passages.jsonl"
VECTORS = "vectors.faiss"
SOURCES = "sources.txt"
PLACES = "places.json"  # of sources that have some
BOXES = "boxes.bin"  # of sources that have some, one after another


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it was indexed: its text, the hash of the file's bytes, and where in it what begins or stands.

    `pages`, `places` and `boxes` are those of `Document`.
    """

    name: str
    text: str
    sha256: str
    line_starts: tuple[int, ...]
    pages: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()
    boxes: bytes = field(default=b"", repr=False)

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
    sources: Mapping[str, Source]
    passages: tuple[Passage, ...]
    dense: DenseIndex
    lexical: LexicalIndex


def load_sources(
    data: bytes, entries: Sequence[SourceEntry], places: bytes = b"{}", boxes: bytes = b""
) -> dict[str, Source]:
    """Sources by name, from their texts in UTF-8, one after another.

    Raises:
        ValueError: the bytes are not those of these sources.

    """
    sources, at, boxed = {}, 0, 0
    placed = json.loads(places)
    for entry in entries:
        text = data[at : at + entry.size].decode("utf-8")
        found = tuple(Place(int(start), str(label)) for start, label in placed.get(entry.name, ()))
        sources[entry.name] = Source(
            entry.name, text, entry.sha256, line_starts(text), entry.pages, found, boxes[boxed : boxed + entry.boxes]
        )
        at, boxed = at + entry.size, boxed + entry.boxes
    if at != len(data) or len(sources) != len(entries):
        raise ValueError(f"holds {len(data)} bytes of texts, not {at}")
    if boxed != len(boxes) or not placed.keys() <= sources.keys():
        raise ValueError("has places or boxes of other sources")
    return sources


def dump_places(places: Mapping[str, Sequence[Place]]) -> bytes:
    """Places by the names of their sources, as `load_sources` takes them."""
    return json.dumps(places, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def dump_passages(passages: Sequence[Passage]) -> bytes:
    """Passages as JSON lines; text, line and page are not among the values, they are read off the stored source."""
    rows = ([p.document, p.start, p.end, list(p.section), [_dump_unit(unit) for unit in p.units]] for p in passages)
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode("utf-8")


def _dump_unit(unit: Unit) -> list[Any]:
    return [unit.kind.value, unit.start, unit.end, *unit.content, unit.group, unit.level,
            [list(cell) for cell in unit.cells], list(unit.columns), int(unit.is_header)]  # fmt: skip


def _load_unit(row: list[Any]) -> Unit:
    kind, start, end, first, last, group, level, cells, columns, is_header = row
    return Unit(BlockKind(kind), start, end, Span(first, last), group, level,
                tuple(Span(*cell) for cell in cells), tuple(columns), bool(is_header))  # fmt: skip


def load_passages(data: bytes, sources: Mapping[str, Source]) -> tuple[Passage, ...]:
    """What `dump_passages` wrote, with each text, line and page taken from its source."""
    passages = []
    for line in data.decode("utf-8").split("\n")[:-1]:
        document, start, end, section, units = json.loads(line)
        source = sources[document]
        loaded = tuple(_load_unit(unit) for unit in units)
        place = source.line(start), loaded, source.page(start)
        passages.append(Passage(document, start, end, source.text[start:end], tuple(section), *place))
    return tuple(passages)


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
    generation, files = read_current(root)
    manifest, folder = generation.manifest, root / generation.name
    name = VECTORS
    try:
        dense = DenseIndex.from_bytes(files[VECTORS], manifest.passages, manifest.dimension)
        name = LEXICAL_FILES[0]
        lexical = LexicalIndex.from_files({n: files[f"lexical/{n}"] for n in LEXICAL_FILES}, manifest.passages)
        name = SOURCES
        sources = load_sources(files[SOURCES], manifest.sources, files.get(PLACES, b"{}"), files.get(BOXES, b""))
        name = PASSAGES
        passages = load_passages(files[PASSAGES], sources)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexCorruptError(folder / name, f"does not fit its manifest ({error})") from None
    if len(passages) != manifest.passages:
        raise IndexCorruptError(folder / PASSAGES, f"holds {len(passages)} passages, not {manifest.passages}")
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
