"""The files that proofs are checked against: a folder, a list of folders, one file, or bytes by name.

Each file is read and parsed when it is first needed, and once; parsers run in their own process (`sources.extraction`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..document import Document, make_document
from ..errors import CorpusNotFoundError
from ..sources import MAX_FILE_BYTES, SUFFIXES, TEXT_SUFFIXES, Extractor, SourceFile, find_files, read_data
from ..sources.encoding import NotTextError, decode, encoding_of
from ..sources.programs import program_names, with_version
from .addressing import proof_of
from .flat import Flat
from .record import Extraction

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from types import TracebackType

    from .record import Proof

# A folder with this file is an index; the texts in it are copies, and no document stands there.
_INDEX = "CURRENT"


class Files:
    """The files of a corpus by the names that their documents have; to be used in a `with` block."""

    def __init__(self, corpus: str | os.PathLike[str] | Mapping[str, bytes]) -> None:
        """Look at what there is; nothing is opened yet.

        Raises:
            CorpusNotFoundError: nothing stands there.
            CorpusError: it is a list of folders that cannot be read, or one of them is gone.

        """
        self._bytes = corpus if isinstance(corpus, Mapping) else None
        self._paths = {} if isinstance(corpus, Mapping) else _paths(Path(corpus))
        self._extractor = Extractor()
        self._hashes: dict[str, str] = {}
        self._documents: dict[str, Document | str] = {}
        self._flat: dict[str, Flat] = {}

    def __enter__(self) -> Files:  # noqa: PYI034 - Self came with Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._extractor.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all files that may hold text, in order."""
        return tuple(sorted(self._paths if self._bytes is None else self._bytes))

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return name in (self._paths if self._bytes is None else self._bytes)

    def sha256(self, name: str) -> str:
        """Hash of a file's bytes; empty where it cannot be read."""
        if name not in self._hashes:
            data = self._data(name)
            self._hashes[name] = hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else ""
        return self._hashes[name]

    def with_hash(self, sha256: str) -> Iterator[str]:
        """Names of the files that have these bytes."""
        return (name for name in self.names if self.sha256(name) == sha256)

    def document(self, name: str) -> Document | None:
        """A file as a document; `None` where it holds no text that can be read (`problem` says why)."""
        found = self._read(name)
        return found if isinstance(found, Document) else None

    def structured(self, name: str) -> Document | None:
        """The same with its lists and tables, which `document` leaves out of plain texts."""
        if PurePosixPath(name).suffix.lower() not in TEXT_SUFFIXES or self.document(name) is None:
            return self.document(name)
        data = self._data(name)
        found = read_data(name, data, self._extractor) if isinstance(data, bytes) else None
        return found if isinstance(found, Document) else None

    def problem(self, name: str) -> str:
        """Why a file cannot be read as a text; empty where it can."""
        found = self._read(name)
        return found if isinstance(found, str) else ""

    def flat(self, name: str) -> Flat:
        """The words of a document, without regard to the white space between them."""
        if name not in self._flat:
            document = self.document(name)
            self._flat[name] = Flat(document.text if document is not None else "")
        return self._flat[name]

    def proof(self, name: str, start: int, end: int, at: int | None = None) -> Proof:
        """The proof of characters of a document as it is now."""
        document = self.document(name)
        assert document is not None
        data = self._data(name)
        suffix = PurePosixPath(name).suffix.lower()
        encoding = encoding_of(document.note) if suffix in TEXT_SUFFIXES else None
        programs = tuple(map(with_version, program_names(suffix, document.note)))
        size = len(data) if isinstance(data, bytes) else 0
        return proof_of(document, start, end, Extraction(encoding, programs, document.note), size, at)

    def _read(self, name: str) -> Document | str:
        if name not in self._documents:
            data = self._data(name)
            suffix = PurePosixPath(name).suffix.lower()
            if isinstance(data, str):
                self._documents[name] = data
            elif suffix not in SUFFIXES:
                self._documents[name] = "its kind is not known"
            elif suffix in TEXT_SUFFIXES:
                self._documents[name] = _text(name, data)
            else:
                found = read_data(name, data, self._extractor)
                self._documents[name] = found if isinstance(found, Document) else found.reason
        return self._documents[name]

    def _data(self, name: str) -> bytes | str:
        """Bytes of a file, or why there are none."""
        if self._bytes is not None:
            return self._bytes[name]
        try:
            with self._paths[name].open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            return f"it cannot be read ({error.strerror})"
        return data if len(data) <= MAX_FILE_BYTES else f"it is larger than {MAX_FILE_BYTES // 2**20} MiB"


def _text(name: str, data: bytes) -> Document | str:
    """A plain text as a document without its structure, which no quote needs; or why it is none."""
    try:
        text, note = decode(data)
    except NotTextError as error:
        return str(error)
    return make_document(name, data, text, (), note=note)


def _paths(corpus: Path) -> dict[str, Path]:
    if not corpus.exists():
        raise CorpusNotFoundError(corpus)
    found = [entry for entry in find_files(corpus) if isinstance(entry, SourceFile)]
    indexes = {folder for folder in {one for entry in found for one in entry.path.parents} if _is_index(folder)}
    return {entry.name: entry.path for entry in found if indexes.isdisjoint(entry.path.parents)}


def _is_index(folder: Path) -> bool:
    return (folder / _INDEX).is_file()
