"""Files of a generation as bytes in memory or, where they are large, as maps of the file; arrays in them as they are.

What is read is hashed first, in the very memory that is used afterwards. A map counts as memory of the process only
as far as it was looked at; `release` gives that back, and the system keeps the pages as long as it has room.
"""

from __future__ import annotations

import errno
import hashlib
import io
import math
import mmap
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray

Data: TypeAlias = bytes | mmap.mmap
Pieces: TypeAlias = list[memoryview]  # of a file that is to be written, one after another

# A smaller file is read: an index that is in memory does not care what becomes of its files.
MAPPED_FROM = 16 << 20
_BLOCK = 16 << 20
_HEAD = 4096  # an array's header is shorter
_READERS = 4  # SHA-256 runs at about a gigabyte a second on one


def read_data(path: Path) -> Data:
    """Content of a regular file, read or mapped.

    Raises:
        OSError: it cannot be read.
        MemoryError: there is no room for it.

    """
    with path.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size < MAPPED_FROM:
            return stream.read()
        try:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            if error.errno == errno.ENOMEM:
                raise MemoryError(f"no room for a map of {path}") from error
            raise


def sha256_of(pieces: Iterable[Data | memoryview]) -> str:
    """SHA-256 of all the pieces, one after another, in hexadecimal; maps are released behind it."""
    digest = hashlib.sha256()
    for piece in pieces:
        view = memoryview(piece).cast("B")
        for at in range(0, len(view), _BLOCK):
            digest.update(view[at : at + _BLOCK])
            release(piece, at, _BLOCK)
    return digest.hexdigest()


def release(data: Any, at: int = 0, length: int = 0) -> None:
    """Give the memory of a map back, or of a part of it that begins at a page; of anything else nothing happens."""
    if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED, at, min(length, len(data) - at) if length else len(data) - at)


def scattered(data: Any) -> None:
    """Say that a map will be read here and there: nothing beside what is asked for is brought into memory."""
    if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_RANDOM"):
        data.madvise(mmap.MADV_RANDOM)


def side_by_side(act: Callable[[Any], Any], values: Sequence[Any], size: int) -> list[Any]:
    """What `act` gives for each value; several at once where the bytes that they read are worth a thread.

    The first error in the order of the values is raised.
    """
    workers = min(_READERS, os.cpu_count() or 1)
    if workers > 1 and size >= MAPPED_FROM:
        with suppress(_NoThreadError), ThreadPoolExecutor(workers) as pool:
            return [done.result() for done in _begun(pool, act, values)]
    return [act(value) for value in values]


class _NoThreadError(Exception):
    """The system gives no further thread."""


def _begun(pool: ThreadPoolExecutor, act: Callable[[Any], Any], values: Sequence[Any]) -> list[Future[Any]]:
    try:
        return [pool.submit(act, value) for value in values]
    except RuntimeError as error:
        raise _NoThreadError from error


def pieces_of(array: NDArray[Any]) -> Pieces:
    """An array as a `.npy` file."""
    return [array_head(array.dtype, array.shape), *bytes_of(array)]


def bytes_of(array: NDArray[Any]) -> Pieces:
    """The numbers of an array, where they stand."""
    return [memoryview(cast("Any", np.ascontiguousarray(array))).cast("B")] if array.size else []


def array_head(kind: DTypeLike, shape: Sequence[int]) -> memoryview:
    """What a `.npy` file begins with."""
    stream = io.BytesIO()
    descr = np.lib.format.dtype_to_descr(np.dtype(kind))
    header = {"descr": descr, "fortran_order": False, "shape": tuple(shape)}
    np.lib.format.write_array_header_1_0(stream, header)
    return memoryview(stream.getvalue())


def array_in(data: Data, kind: DTypeLike, dimensions: int = 1) -> NDArray[Any]:
    """The array in a `.npy` file, over the same memory; nothing is unpickled.

    Raises:
        ValueError: it holds no array of that kind and number of dimensions, or ends early.

    """
    head = io.BytesIO(bytes(memoryview(data)[:_HEAD]))
    try:
        if np.lib.format.read_magic(head) != (1, 0):
            raise ValueError("an array of it is of another version")
        shape, columns_first, found = np.lib.format.read_array_header_1_0(head)
    except (EOFError, OverflowError, SyntaxError) as error:
        raise ValueError("an array of it has no header") from error
    if found != np.dtype(kind) or len(shape) != dimensions or columns_first:
        raise ValueError("an array of it is of another kind")
    count = math.prod(shape)
    if head.tell() + count * found.itemsize != len(data):
        raise ValueError("an array of it ends early")
    array = np.frombuffer(data, found, count, head.tell()) if count else np.zeros(0, found)
    return array.reshape(shape)


def size_of(pieces: Iterable[memoryview]) -> int:
    """Bytes of all the pieces."""
    return sum(piece.nbytes for piece in pieces)
