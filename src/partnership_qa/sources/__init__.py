"""Files into documents: `read_corpus` reads a folder, one small module a format does the rest.

Plain text and Markdown are read here; formats whose parsers a file could do harm to are read in a process of their own
(`extraction`).
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ..document import Document, make_document
from ..errors import CorpusNotFoundError, EmptyCorpusError, OptionalDependencyError
from . import extraction
from .encoding import NotTextError, decode
from .extraction import Extractor
from .files import MAX_FILE_BYTES, Skipped, SourceFile, walk
from .folders import file_of, is_folders, walk_folders
from .layout import Extracted
from .plain import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..document import Block


def _read_markdown(text: str) -> list[Block]:
    from .markdown import read_markdown  # its parser is loaded by whoever reads such a text

    return read_markdown(text)


_READERS = {".txt": read_plain, ".text": read_plain, ".md": _read_markdown, ".markdown": _read_markdown}
TEXT_SUFFIXES = tuple(_READERS)
SUFFIXES = (*TEXT_SUFFIXES, *extraction.SUFFIXES)
T = TypeVar("T")

__all__ = [
    "MAX_FILE_BYTES", "SUFFIXES", "TEXT_SUFFIXES", "Extractor", "Known", "Skipped", "SourceFile", "file_of",
    "find_files", "load_corpus", "read_blocks", "read_corpus", "read_data", "read_file",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A file that need not be read again: its name, the hash of its bytes, and what is known of them."""

    name: str
    sha256: str
    what: T


def read_blocks(text: str, suffix: str) -> list[Block]:
    """Structure of a text in the format that a file name's suffix (`.txt`, `.md`) names; plain text if unknown."""
    return _READERS.get(suffix.lower(), read_plain)(text)


def find_files(path: Path, leave_out: Path | None = None) -> list[SourceFile | Skipped]:
    """Files of a corpus that a build would open, and those that it would leave out unopened, by name.

    Raises:
        CorpusError: the corpus is a list of folders (see `folders`), and it cannot be read or one of them is gone.

    """
    return walk_folders(path, SUFFIXES, leave_out) if is_folders(path) else walk(path, SUFFIXES, leave_out)


def read_corpus(
    files: Iterable[SourceFile | Skipped], known: Mapping[tuple[str, str], T] | None = None
) -> Iterator[Document | Known[T] | Skipped]:
    """Read files one after another; what is wrong with one leaves it out, with the reason.

    Args:
        files: as `find_files` gives them.
        known: what need not be read again, by the SHA-256 of its bytes and its suffix in lower case.

    """
    with Extractor() as extractor:
        for entry in files:
            if isinstance(entry, Skipped):
                yield entry
                continue
            data = _bytes(entry)
            if isinstance(data, Skipped):
                yield data
                continue
            sha256 = hashlib.sha256(data).hexdigest()
            what = known.get((sha256, entry.path.suffix.lower())) if known else None
            yield _document(entry, data, extractor) if what is None else Known(entry.name, sha256, what)


def load_corpus(
    path: str | os.PathLike[str], leave_out: Path | None = None
) -> tuple[list[Document], list[Skipped]]:  # fmt: skip
    """All documents of a folder of texts, or of one file, in the order of their names, and the files left out.

    Hidden files and the folder `leave_out` are passed over; files of other kinds, links that leave the folder and
    files that hold no text are each reported.

    Raises:
        CorpusNotFoundError: nothing stands at `path`.
        EmptyCorpusError: no file of it could be read.

    """
    documents: list[Document] = []
    skipped: list[Skipped] = []
    root = Path(path)
    if not root.exists():
        raise CorpusNotFoundError(root)
    with Extractor() as extractor:
        for entry in find_files(root, leave_out):
            found = entry if isinstance(entry, Skipped) else read_file(entry, extractor)
            if isinstance(found, Document):
                documents.append(found)
            else:
                skipped.append(found)
    if not documents:
        raise EmptyCorpusError(root, tuple((entry.name, entry.reason) for entry in skipped))
    return documents, skipped


def read_file(file: SourceFile, extractor: Extractor) -> Document | Skipped:
    """One file as a document, or why it is left out; nothing that is wrong with a file is raised."""
    data = _bytes(file)
    return data if isinstance(data, Skipped) else _document(file, data, extractor)


def read_data(name: str, data: bytes, extractor: Extractor) -> Document | Skipped:
    """The bytes of a file of that name as a document, or why they are left out; nothing is opened or raised."""
    return _document(SourceFile(name, Path(name)), data, extractor)


def _bytes(file: SourceFile) -> bytes | Skipped:
    try:
        with file.path.open("rb") as stream:
            # A buffer of the largest size would be made, and shrunk again, for every small file.
            size = min(os.fstat(stream.fileno()).st_size, MAX_FILE_BYTES)
            data = stream.read(size + 1)
            if len(data) > size:  # it has grown, or says nothing of its size
                data += stream.read(MAX_FILE_BYTES + 1 - len(data))
    except OSError as error:
        return Skipped(file.name, f"it cannot be read ({error.strerror})")
    if len(data) > MAX_FILE_BYTES:
        return Skipped(file.name, f"it is larger than {MAX_FILE_BYTES // 2**20} MiB")
    return data


def _document(file: SourceFile, data: bytes, extractor: Extractor) -> Document | Skipped:
    suffix = file.path.suffix.lower()
    try:
        if suffix in extraction.SUFFIXES:
            taken = extractor.extract(data, suffix)
        else:
            text, note = decode(data)
            taken = Extracted(text, read_blocks(text, suffix), note=note)
    except (NotTextError, OptionalDependencyError) as error:
        return Skipped(file.name, str(error), hashlib.sha256(data).hexdigest())
    document = make_document(
        file.name, data, taken.text, taken.blocks, taken.pages, taken.note, taken.places, taken.boxes
    )
    return document if document.sections else Skipped(file.name, "it is empty", document.sha256)
