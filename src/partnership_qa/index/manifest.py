"""What an index says of itself: its sources, its settings, and the hash of each of its files.

The manifest holds no time and no path of a machine: the same corpus, encoder and settings give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = 5
# Every file that a generation may have. A name that is not here is refused before anything is opened.
_FILE = re.compile(
    r"vectors\.npy|cells\.faiss|sources\.txt|places\.json|boxes\.bin"
    r"|passages/(?:rows|units|cells|labels|keys)\.npy|passages/labels\.bin"
    r"|lexical/(?:data|indices|indptr|counts|lengths)\.npy|lexical/vocabulary\.json"
)
_quoted: Callable[[str], str] = encode_basestring  # a string as `json.dumps` writes it with `ensure_ascii=False`
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source file: its name in the corpus, the hash of its bytes, its characters, sections and passages.

    Attributes:
        size: bytes of its text in `sources.txt`, where the texts stand one after another.
        pages: offsets in characters at which its pages begin; empty where it has none.
        note: what its owner should know of how it was read; empty where there is nothing to say.
        boxes: bytes of its part of `boxes.bin`; 0 where it is not known where its characters stand on their pages.
        original: bytes of its file in the folder of originals; 0 where its text in UTF-8 is the file, byte for byte, or
            where the file was not kept.

    """

    name: str
    sha256: str
    characters: int
    sections: int
    passages: int
    size: int
    pages: tuple[int, ...] = ()
    note: str = ""
    boxes: int = 0
    original: int = 0


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """A file that was opened and left out: its name in the corpus, the hash of its bytes, and why."""

    name: str
    sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the generation: size in bytes and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that must fit before an index is used.

    Attributes:
        format: version of the layout.
        encoder: name of the encoder; `fingerprint` is the hash of its weights, `dimension` the length of its vectors.
        max_tokens, max_pieces: limits that passages were cut to.
        sources: in the order of their names.
        refused: files that hold no text that can be read, so that they need not be tried again; by name.
        passages: how many; `truncated` of them are longer than the encoder reads (0 by construction).
        files: by their path in the generation's folder, with `/`.

    """

    format: int
    encoder: str
    fingerprint: str
    dimension: int
    max_tokens: int
    max_pieces: int
    sources: tuple[SourceEntry, ...]
    refused: tuple[RefusedEntry, ...]
    passages: int
    truncated: int
    files: dict[str, FileEntry]

    @property
    def originals(self) -> dict[str, int]:
        """Bytes of each original that it keeps, by the hash that the file is named by."""
        return {source.sha256: source.original for source in self.sources if source.original}

    def to_bytes(self) -> bytes:
        """Canonical JSON: keys in the order of the alphabet, a blank a level."""
        rest = asdict(replace(self, sources=()))
        text = json.dumps(rest, ensure_ascii=False, sort_keys=True, indent=1)
        if self.sources:
            # json's own indenting takes a third of a millisecond a source, and there may be a hundred thousand. In a
            # string the quotation marks would be escaped, so that what is replaced stands but once.
            sources = ",\n".join(map(_source_text, self.sources))
            text = text.replace('\n "sources": []', f'\n "sources": [\n{sources}\n ]')
        return text.encode("utf-8")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: equal for equal indexes, on any machine."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: it is no manifest, of another format, or names a file that no generation has.

        """
        try:
            values: Any = json.loads(data)
        except RecursionError:
            raise ValueError("it is not a manifest") from None
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            found = values.get("format") if isinstance(values, dict) else None
            raise ValueError(f"format {found} is not {FORMAT}")
        try:
            values["sources"] = tuple(_source(entry) for entry in values["sources"])
            values["refused"] = tuple(RefusedEntry(**entry) for entry in values["refused"])
            values["files"] = {name: FileEntry(**entry) for name, entry in values["files"].items()}
            manifest = cls(**values)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError("it is not a manifest") from error
        _check(manifest)
        return manifest


def _source_text(entry: SourceEntry) -> str:
    """A source as `json.dumps` writes it where it stands two levels deep."""
    pages = ",\n    ".join(map(str, entry.pages))
    pages = f"[\n    {pages}\n   ]" if pages else "[]"
    return (
        f'  {{\n   "boxes": {entry.boxes},\n   "characters": {entry.characters},\n   "name": {_quoted(entry.name)},\n'
        f'   "note": {_quoted(entry.note)},\n   "original": {entry.original},\n   "pages": {pages},\n'
        f'   "passages": {entry.passages},\n   "sections": {entry.sections},\n   "sha256": {_quoted(entry.sha256)},\n'
        f'   "size": {entry.size}\n  }}'
    )


def _source(entry: dict[str, Any]) -> SourceEntry:
    return SourceEntry(**{**entry, "pages": tuple(entry["pages"])})


def _check(manifest: Manifest) -> None:
    for name, file in manifest.files.items():
        if not _FILE.fullmatch(name):
            raise ValueError(f"it names the file {name!r}, which no index has")
        if not _is_count(file.size) or not _is_hash(file.sha256):
            raise ValueError(f"what it says of the file {name!r} is no size or no hash")
    counts = [manifest.passages, manifest.dimension, manifest.max_tokens, manifest.max_pieces]
    for source in manifest.sources:
        counts += [source.characters, source.passages, source.size, source.boxes, source.original, *source.pages]
        if not (isinstance(source.name, str) and isinstance(source.note, str)) or not _is_hash(source.sha256):
            raise ValueError("a source of it has no name or no hash")
    for refused in manifest.refused:
        if not all(isinstance(value, str) for value in (refused.name, refused.sha256, refused.reason)):
            raise ValueError("a refused file of it has no name, no hash or no reason")
    named = isinstance(manifest.encoder, str) and isinstance(manifest.fingerprint, str)
    if not named or not all(map(_is_count, counts)):
        raise ValueError("a count of it is no number, or its encoder has no name")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None
