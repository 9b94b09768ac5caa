"""An index in memory: the passages, what finds them, and the sources that they are quoted from."""

from __future__ import annotations

import bisect
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..chunking import Passage, Unit
from ..document import BlockKind, line_starts
from ..errors import IndexCorruptError
from ..text import Span
from .dense import DenseIndex
from .generations import Generation, read_current
from .lexical import FILES as LEXICAL_FILES
from .lexical import LexicalIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PASSAGES = "passages.jsonl"
VECTORS = "vectors.faiss"


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it was indexed: its text, the hash of the file's bytes, and where its lines begin."""

    name: str
    text: str
    sha256: str
    line_starts: tuple[int, ...]

    def line(self, offset: int) -> int:
        """1-based line that holds the character at `offset`."""
        return bisect.bisect_right(self.line_starts, offset)


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


def source_file(number: int) -> str:
    """Path of a stored source in its generation."""
    return f"sources/{number:06d}.txt"


def dump_passages(passages: Sequence[Passage]) -> bytes:
    """Passages as JSON lines; their text is not among the values, it is read off the stored source."""
    lines = [
        json.dumps([p.document, p.start, p.end, list(p.section), p.line, p.page, [_dump_unit(u) for u in p.units]],
                   ensure_ascii=False, separators=(",", ":"))
        for p in passages
    ]  # fmt: skip
    return "".join(line + "\n" for line in lines).encode("utf-8")


def _dump_unit(unit: Unit) -> list[Any]:
    return [unit.kind.value, unit.start, unit.end, *unit.content, unit.group, unit.level,
            [list(cell) for cell in unit.cells], list(unit.columns), int(unit.is_header)]  # fmt: skip


def _load_unit(row: list[Any]) -> Unit:
    kind, start, end, first, last, group, level, cells, columns, is_header = row
    return Unit(BlockKind(kind), start, end, Span(first, last), group, level,
                tuple(Span(*cell) for cell in cells), tuple(columns), bool(is_header))  # fmt: skip


def load_passages(data: bytes, sources: Mapping[str, Source]) -> tuple[Passage, ...]:
    """What `dump_passages` wrote, with each text cut from its source."""
    passages = []
    for line in data.decode("utf-8").split("\n")[:-1]:
        document, start, end, section, number, page, units = json.loads(line)
        text = sources[document].text[start:end]
        loaded = tuple(_load_unit(unit) for unit in units)
        passages.append(Passage(document, start, end, text, tuple(section), number, loaded, page))
    return tuple(passages)


def open_index(root: Path) -> Index:
    """Load the current generation; every byte of it is checked first.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: a file is missing or damaged; it is named.
        IndexMismatchError: it was written in another format.

    """
    generation, files = read_current(root)
    manifest, folder = generation.manifest, root / generation.name
    name = VECTORS
    try:
        dense = DenseIndex.from_bytes(files[VECTORS], manifest.passages, manifest.dimension)
        name = LEXICAL_FILES[0]
        lexical = LexicalIndex.from_files({n: files[f"lexical/{n}"] for n in LEXICAL_FILES}, manifest.passages)
        name = source_file(0)
        texts = [files[source_file(number)].decode("utf-8") for number in range(len(manifest.sources))]
        sources = {
            entry.name: Source(entry.name, text, entry.sha256, line_starts(text))
            for entry, text in zip(manifest.sources, texts, strict=True)
        }
        name = PASSAGES
        passages = load_passages(files[PASSAGES], sources)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexCorruptError(folder / name, f"does not fit its manifest ({error})") from None
    if len(passages) != manifest.passages:
        raise IndexCorruptError(folder / PASSAGES, f"holds {len(passages)} passages, not {manifest.passages}")
    return Index(root, generation, sources, passages, dense, lexical)


def corpus_changes(index: Index, corpus: Path) -> dict[str, list[str]]:
    """How a corpus folder differs from what was indexed: names under `added`, `changed` and `removed`."""
    base = corpus if corpus.is_dir() else corpus.parent
    found = {
        file.relative_to(base).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in ([corpus] if corpus.is_file() else sorted(corpus.rglob("*")))
        if file.is_file() and file.suffix.lower() in (".txt", ".text", ".md", ".markdown")
        if not any(part.startswith(".") for part in file.relative_to(base).parts)
    }
    known = {name: source.sha256 for name, source in index.sources.items()}
    return {
        "added": sorted(found.keys() - known.keys()),
        "changed": sorted(name for name in found.keys() & known.keys() if found[name] != known[name]),
        "removed": sorted(known.keys() - found.keys()),
    }
