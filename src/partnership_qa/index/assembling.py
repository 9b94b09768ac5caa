"""Sources that were cut into the files of an index: what the index that was there has is taken as it stands.

Columns, vectors and counts of passages that stay are not made again, nor brought into memory as objects: they are
ranges of the old files. The files are the same, byte for byte, as those of a build from scratch.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from .blobs import side_by_side, size_of
from .counting import Counts, count, merge
from .cutting import Stretch, stretch_of
from .dense import cell_pieces, checked_unit, is_unit, vector_pieces
from .lexical import LexicalIndex
from .store import BOXES, CELLS, PLACES, SOURCES, VECTORS, dump_places
from .table import dump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from ..embedding import Encoder, Vectors
    from .blobs import Pieces
    from .cutting import Cut
    from .pending import PendingEmbeddings
    from .store import Index

_KEPT_AT_ONCE = 32


def stretches(cuts: Sequence[Cut], known: Index | None) -> list[Stretch]:
    """The passages of all sources, those that stay as long ranges.

    Args:
        cuts: the sources in order.
        known: the index that `Cut.kept` counts in.

    """
    found: list[Stretch] = []
    at = 0
    while at < len(cuts):
        cut, behind = cuts[at], at + 1
        if cut.kept < 0 or known is None:
            found.append(cut.stretch or stretch_of(cut))
        else:
            while behind < len(cuts) and cuts[behind].kept == cuts[behind - 1].kept + 1:
                behind += 1
            size = sum(len(one.text) for one in cuts[at:behind])
            found.append(Stretch(known.passages.part(cut.kept, cuts[behind - 1].kept + 1), size, ()))
        at = behind
    return found


def new_keys(found: Sequence[Stretch]) -> set[bytes]:
    """Keys of the passages that are new."""
    return {key.tobytes() for stretch in found if stretch.part.origin < 0 for key in stretch.part.keys}


def embed(
    found: Sequence[Stretch],
    encoder: Encoder,
    known: Index | None,
    before: Index | None,
    pending: PendingEmbeddings,
    tell: Callable[[str, int, int], None],
) -> tuple[list[Vectors], int]:
    """Vectors of the passages in blocks, one a stretch, and how many were made.

    None is made that the index that was there or a stopped build has.

    Args:
        found: all passages.
        encoder: makes what is missing.
        known: the index that stretches were taken from.
        before: the index that is current, where texts are looked up that stood elsewhere.
        pending: what a stopped build has made; what is made is added.
        tell: called with `"embedding"`, how many are done, and how many there are.

    """
    blocks: list[Vectors] = []
    places: dict[bytes, list[tuple[Vectors, int, str]]] = {}
    for stretch in found:
        part = stretch.part
        if part.origin >= 0 and known is not None:
            blocks.append(known.dense.rows[part.origin : part.origin + len(part)])
            continue
        block = np.zeros((len(part), encoder.dimension), dtype=np.float32)
        blocks.append(block)
        for row, (key, text) in enumerate(zip(part.keys, stretch.texts, strict=True)):
            places.setdefault(key.tobytes(), []).append((block, row, text))

    def put(key: bytes, vector: Vectors) -> None:
        for block, row, _ in places[key]:
            block[row] = vector

    if before is not None:
        standing = _standing(before, places)
        rows = before.dense.vectors(np.array(list(standing.values()), dtype=np.int64))
        for key, row in zip(standing, rows, strict=True):
            put(key, row)
            del places[key]
    for key in [key for key in places if key in pending.found]:
        put(key, pending.found[key])
        del places[key]
    missing = list(places)
    tell("embedding", 0, len(missing))
    step = getattr(encoder, "at_once", _KEPT_AT_ONCE)
    for at in range(0, len(missing), step):
        these = missing[at : at + step]
        made = encoder.encode(
            [places[key][0][2] for key in these],
            lambda done, _, at=at: tell("embedding", at + done, len(missing)),  # type: ignore[misc]
        )
        if is_unit(made):
            pending.add(these, made)
        made = checked_unit(made)
        for key, row in zip(these, made, strict=True):
            put(key, row)
    return blocks, len(missing)


def _standing(index: Index, wanted: dict[bytes, list[tuple[Vectors, int, str]]]) -> dict[bytes, int]:
    """Numbers of the passages of an index that have one of these keys, by key."""
    if not wanted:
        return {}
    keys = index.passages.keys
    first = np.frombuffer(b"".join(key[:8] for key in wanted), dtype="<u8")
    # Few are wanted and many are there: the beginnings of the keys are compared first.
    likely = np.flatnonzero(np.isin(np.ascontiguousarray(keys[:, :8]).view("<u8").reshape(-1), first))
    return {key: int(number) for number in likely if (key := keys[number].tobytes()) in wanted}


def counts_of(found: Sequence[Stretch], known: Index | None) -> Counts:
    """Counts of the words of all passages; those that stay are not counted again."""
    places = np.full(0 if known is None else len(known.passages), -1, dtype=np.int64)
    numbers: list[NDArray[np.int64]] = []
    chosen: list[Iterable[str]] = []
    at = 0
    for stretch in found:
        part, mine = stretch.part, np.arange(at, at + len(stretch.part))
        at += len(part)
        old = slice(part.origin, part.origin + len(part))
        if part.origin < 0 or known is None:
            texts: Iterable[str] = stretch.texts
        elif np.any(places[old] >= 0):  # two files with the same bytes
            texts = _texts(known, old)
        else:
            places[old] = mine
            continue
        numbers.append(mine)
        chosen.append(texts)
    added = count(chain.from_iterable(chosen))
    if known is None or len(added.lengths) == at:
        return added
    return merge(known.lexical.counts, places, added, np.concatenate([np.zeros(0, np.int64), *numbers]))


def _texts(known: Index, numbers: slice) -> Iterator[str]:
    """What was embedded of these passages, one text at a time."""
    return (known.passages[number].indexed_text for number in range(numbers.start, numbers.stop))


def files_of(
    cuts: Sequence[Cut], found: Sequence[Stretch], blocks: Sequence[Vectors], counted: Callable[[], Counts],
    dimension: int,
) -> dict[str, Pieces]:  # fmt: skip
    """The files of the generation, by their path in its folder; `counted` gives the counts of all passages."""

    def lexical() -> dict[str, Pieces]:
        return {f"lexical/{name}": data for name, data in LexicalIndex.of(counted()).to_files().items()}

    def columns() -> dict[str, Pieces]:
        return dump([stretch.part for stretch in found], [stretch.size for stretch in found])

    def cells() -> dict[str, Pieces]:
        pieces = cell_pieces(blocks)
        return {} if pieces is None else {CELLS: pieces}

    files: dict[str, Pieces] = {
        VECTORS: vector_pieces(blocks, dimension), SOURCES: [memoryview(cut.text) for cut in cuts],
    }  # fmt: skip
    # Neither needs the other, and most of both is arithmetic that lets other threads go on.
    for made in side_by_side(lambda make: make(), (cells, lexical, columns), size_of(files[VECTORS])):
        files |= made
    if places := {cut.entry.name: cut.places for cut in cuts if cut.places}:
        files[PLACES] = [memoryview(dump_places(places))]
    if boxes := b"".join(cut.boxes for cut in cuts):
        files[BOXES] = [memoryview(boxes)]
    return files
