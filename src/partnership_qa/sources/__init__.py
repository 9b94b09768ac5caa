"""Files into documents: `load_corpus` reads a folder, one small module a format does the rest."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..document import Document, make_document
from ..errors import CorpusNotFoundError, EmptyCorpusError
from .markdown import read_markdown
from .plain import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..document import Block

MAX_FILE_BYTES = 64 * 1024 * 1024
_READERS = {".txt": read_plain, ".text": read_plain, ".md": read_markdown, ".markdown": read_markdown}
SUFFIXES = tuple(_READERS)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was looked at and left out, and why, in words for its owner."""

    name: str
    reason: str


def read_blocks(text: str, suffix: str) -> list[Block]:
    """Structure of a text in the format that a file name's suffix (`.txt`, `.md`) names; plain text if unknown."""
    return _READERS.get(suffix.lower(), read_plain)(text)


def load_corpus(path: str | os.PathLike[str]) -> tuple[list[Document], list[Skipped]]:
    """Read a folder of texts, or one file, in the order of their names.

    Hidden files, files of other kinds and links that leave the folder are not followed; each is reported.

    Raises:
        CorpusNotFoundError: nothing stands at `path`.
        EmptyCorpusError: no file of it could be read.

    """
    root = Path(path)
    if not root.exists():
        raise CorpusNotFoundError(root)
    documents, skipped = [], []
    for name, file in _files(root):
        result = _read_file(name, file, root if root.is_dir() else root.parent)
        if isinstance(result, Document):
            documents.append(result)
        else:
            skipped.append(result)
    if not documents:
        raise EmptyCorpusError(root, tuple((entry.name, entry.reason) for entry in skipped))
    return documents, skipped


def _files(root: Path) -> Iterable[tuple[str, Path]]:
    """Names relative to the root, with `/`, and the files; sorted by name."""
    if root.is_file():
        return [(root.name, root)]
    found = [
        (file.relative_to(root).as_posix(), file)
        for file in root.rglob("*")
        if file.is_symlink() or not file.is_dir()
        if not any(part.startswith(".") for part in file.relative_to(root).parts)
    ]
    return sorted(found)


def _read_file(name: str, file: Path, root: Path) -> Document | Skipped:
    reason = _refusal(file, root)
    if reason:
        return Skipped(name, reason)
    try:
        data = file.read_bytes()
        modified = file.stat().st_mtime
    except OSError as error:
        return Skipped(name, f"it cannot be read ({error.strerror})")
    try:
        text = data.decode("utf-8")
        name.encode("utf-8")
    except UnicodeDecodeError as error:
        return Skipped(name, f"it is not UTF-8 text (byte {error.start}); save it as UTF-8 and build again")
    except UnicodeEncodeError:
        return Skipped(name.encode("utf-8", "replace").decode(), "its name is not valid text; rename it")
    if "\0" in text:
        return Skipped(name, "it holds NUL characters, so it is not a text file")
    document = make_document(name, data, text, read_blocks(text, file.suffix), modified)
    return document if document.sections else Skipped(name, "it is empty")


def _refusal(file: Path, root: Path) -> str:
    """Why a file is not even opened; empty where it may be."""
    if file.suffix.lower() not in _READERS:
        return f"its kind is not known (known: {', '.join(SUFFIXES)})"
    if file.is_symlink() and not file.resolve().is_relative_to(root.resolve()):
        return "it is a link that leaves the corpus"
    if not file.is_file():
        return "it is not a regular file"
    if file.stat().st_size > MAX_FILE_BYTES:
        return f"it is larger than {MAX_FILE_BYTES // 2**20} MiB"
    return ""
