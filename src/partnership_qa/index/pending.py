"""Embeddings of a build that is not done: kept as they are made, so that a build that is stopped can go on.

    header   magic, fingerprint of the encoder (32 bytes), dimension
    record   hash of the text (32 bytes), vector (float32), first 8 bytes of the SHA-256 of both

A record counts only where its checksum is right; what follows a wrong one is cut off and made again.
"""

from __future__ import annotations

import hashlib
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from .dense import is_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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

    def __init__(self, stream: BinaryIO, found: Mapping[bytes, Vectors]) -> None:
        self._stream = stream
        self.found = found
        self.done = False

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors, float32 of shape (len(keys), dimension), by the hashes of their texts."""
        rows = [key + vector.astype("<f4").tobytes() for key, vector in zip(keys, vectors, strict=True)]
        self._stream.write(b"".join(row + hashlib.sha256(row).digest()[:_SUM] for row in rows))
        self._stream.flush()


@contextmanager
def pending_embeddings(root: Path, encoder: Encoder) -> Iterator[PendingEmbeddings]:
    """The file of one index and encoder; it is removed at the end where `done` was set. The caller holds the lock."""
    path = root / PENDING
    header = _MAGIC + hashlib.sha256(encoder.fingerprint.encode()).digest() + struct.pack("<I", encoder.dimension)
    length = 32 + 4 * encoder.dimension + _SUM
    data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    found = _records(data, header, length)
    path.unlink(missing_ok=True)
    with path.open("wb") as stream:
        stream.write(data[: len(header) + len(found) * length] if found else header)
        stream.flush()
        pending = PendingEmbeddings(stream, found)
        yield pending
    if pending.done:
        path.unlink(missing_ok=True)


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
