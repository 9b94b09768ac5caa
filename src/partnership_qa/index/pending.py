"""Embeddings of a build that is not done: kept as they are made, so that a build that is stopped can go on.

    header   magic, fingerprint of the encoder (32 bytes), dimension
    record   hash of the text (32 bytes), vector (float32), first 8 bytes of the SHA-256 of both

A record counts only where its checksum is right; what follows a wrong one is cut off and made again.
"""

from __future__ import annotations

import hashlib
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from .dense import is_unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from io import RawIOBase
    from pathlib import Path

    from ..embedding import Encoder, Vectors

PENDING = "embeddings.part"
_MAGIC = b"PQAEMB1\n"
_SUM = 8


class PendingEmbeddings:
    """What is found of a build that was stopped, and what this one adds.

    Attributes:
        found: vectors by the hash of their text; of length one, as all that is kept.

    """

    def __init__(self, stream: RawIOBase, found: Mapping[bytes, Vectors]) -> None:
        self._stream = stream
        self._failed = False
        self.found = found
        self.done = False

    def add(self, keys: Sequence[bytes], vectors: Iterable[Vectors]) -> None:
        """Keep vectors, rows of float32, by the hashes of their texts.

        Where the disk takes no more, the build goes on without keeping them.
        """
        if not self._failed:
            try:
                self._stream.write(b"".join(_record(key, row) for key, row in zip(keys, vectors, strict=True)))
            except OSError:
                self._failed = True


@contextmanager
def pending_embeddings(root: Path, encoder: Encoder, wanted: Collection[bytes]) -> Iterator[PendingEmbeddings]:
    """The file of one index and encoder; it is removed at the end where `done` was set. The caller holds the lock.

    Args:
        root: folder of the index.
        encoder: whose vectors they are.
        wanted: hashes of the texts of this build; what is kept of others is dropped, so that it takes no space.

    """
    path = root / PENDING
    header = _MAGIC + hashlib.sha256(encoder.fingerprint.encode()).digest() + struct.pack("<I", encoder.dimension)
    data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    records = _records(data, header, 32 + 4 * encoder.dimension + _SUM)
    found = {key: vector for key, vector in records.items() if key in wanted}
    path.unlink(missing_ok=True)
    with path.open("wb", buffering=0) as stream:
        stream.write(header)
        pending = PendingEmbeddings(stream, found)
        pending.add(list(found), list(found.values()))
        yield pending
    if pending.done:
        path.unlink(missing_ok=True)


def _record(key: bytes, vector: Vectors) -> bytes:
    row = key + vector.astype("<f4").tobytes()
    return row + hashlib.sha256(row).digest()[:_SUM]


def _records(data: bytes, header: bytes, length: int) -> dict[bytes, Vectors]:
    found: dict[bytes, Vectors] = {}
    if not data.startswith(header):
        return found
    for at in range(len(header), len(data) - length + 1, length):
        row, check = data[at : at + length - _SUM], data[at + length - _SUM : at + length]
        vector = np.frombuffer(row[32:], dtype="<f4").astype(np.float32)
        if hashlib.sha256(row).digest()[:_SUM] != check or row[:32] in found or not is_unit(vector[None, :]):
            break
        found[row[:32]] = vector
    return found
