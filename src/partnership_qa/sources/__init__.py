"""Files into documents: `load_corpus` reads a folder, one small module a format does the rest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..document import Document, make_document
from ..errors import CorpusNotFoundError, EmptyCorpusError, OptionalDependencyError
from .encoding import NotTextError, decode
from .files import MAX_FILE_BYTES, Skipped, SourceFile, walk
from .markdown import read_markdown
from .plain import read_plain

if TYPE_CHECKING:
    from ..document import Block

_READERS = {".txt": read_plain, ".text": read_plain, ".md": read_markdown, ".markdown": read_markdown}
SUFFIXES = tuple(_READERS)

__all__ = [
    "MAX_FILE_BYTES", "SUFFIXES", "Skipped", "SourceFile", "find_files", "load_corpus", "read_blocks", "read_file",
]  # fmt: skip


def read_blocks(text: str, suffix: str) -> list[Block]:
    """Structure of a text in the format that a file name's suffix (`.txt`, `.md`) names; plain text if unknown."""
    return _READERS.get(suffix.lower(), read_plain)(text)


def find_files(path: Path, leave_out: Path | None = None) -> list[SourceFile | Skipped]:
    """Files of a corpus that a build would open, and those that it would leave out unopened, by name."""
    return walk(path, SUFFIXES, leave_out)


def load_corpus(
    path: str | os.PathLike[str], leave_out: Path | None = None
) -> tuple[list[Document], list[Skipped]]:  # fmt: skip
    """Read a folder of texts, or one file, in the order of their names.

    Hidden files and the folder `leave_out` are passed over; files of other kinds, links that leave the folder and
    files that hold no text are each reported.

    Raises:
        CorpusNotFoundError: nothing stands at `path`.
        EmptyCorpusError: no file of it could be read.

    """
    root = Path(path)
    if not root.exists():
        raise CorpusNotFoundError(root)
    documents, skipped = [], []
    for entry in find_files(root, leave_out):
        result = entry if isinstance(entry, Skipped) else read_file(entry)
        if isinstance(result, Document):
            documents.append(result)
        else:
            skipped.append(result)
    if not documents:
        raise EmptyCorpusError(root, tuple((entry.name, entry.reason) for entry in skipped))
    return documents, skipped


def read_file(file: SourceFile) -> Document | Skipped:
    """One file as a document, or why it is left out; nothing that is wrong with a file is raised."""
    try:
        with file.path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
        modified = file.path.stat().st_mtime
    except OSError as error:
        return Skipped(file.name, f"it cannot be read ({error.strerror})")
    if len(data) > MAX_FILE_BYTES:
        return Skipped(file.name, f"it is larger than {MAX_FILE_BYTES // 2**20} MiB")
    try:
        text, note = decode(data)
    except (NotTextError, OptionalDependencyError) as error:
        return Skipped(file.name, str(error))
    document = make_document(file.name, data, text, read_blocks(text, file.path.suffix), modified, note=note)
    return document if document.sections else Skipped(file.name, "it is empty")
