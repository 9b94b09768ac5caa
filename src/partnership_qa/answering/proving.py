"""The proof of a quote, from what the index knows of its source."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..index.cutting import stamp
from ..proof.addressing import proof_of
from ..proof.record import Extraction
from ..sources import TEXT_SUFFIXES
from ..sources.encoding import encoding_of
from ..sources.programs import program_names, with_version

if TYPE_CHECKING:
    from ..index import Store
    from ..proof.record import Proof


def proof(index: Store, document: str, start: int, end: int, at: int | None = None) -> Proof:
    """The proof of characters `[start, end)` of a document of an index; `at` as `proof_of` takes it.

    The versions of the programs that read the file are given where they are known to be those that are installed.
    """
    source = index.sources[document]
    suffix = PurePosixPath(document).suffix.lower()
    names = program_names(suffix, source.note)
    same = index.generation.reading == stamp()
    encoding = encoding_of(source.note) if suffix in TEXT_SUFFIXES else None
    extraction = Extraction(encoding, tuple(with_version(name) if same else name for name in names), source.note)
    return proof_of(source, start, end, extraction, source.original, at)
