"""The files that an index was built from, byte for byte: a page of a PDF can be shown, and going back loses none.

    INDEX/originals/SHA256   the bytes with that hash; generations share them, and `generations.sweep` collects them

Most text files are not kept twice: where the text in UTF-8 is the file, the text that the index stores is the original.
Originals are written and synced before the generation that names them is, so that a generation has all that it names.
Answers never need them, so that opening an index does not read them: each is compared with its hash when it is read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ..embedding import sha256_file
from ..errors import CorpusError
from ..sources import file_of
from .generations import ORIGINALS, read_checked, sweep_originals, sync_folder, write_synced
from .manifest import FileEntry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .cutting import Cut
    from .seam import Store
    from .store import Source


def keep_originals(root: Path, corpus: Path, cuts: Sequence[Cut]) -> list[Cut]:
    """Keep the files of these sources; the caller holds the lock and commits next.

    What is there already is compared with its hash and written again only where it is damaged. A file that has changed
    since it was read is not kept: the next build will see that it changed.

    Args:
        root: folder of the index.
        corpus: what the sources were read from.
        cuts: the sources as they go into the index.

    Returns:
        The same, each with the size of its original.

    Raises:
        OSError: the folder cannot be written.

    """
    folder = root / ORIGINALS
    if folder.is_symlink():
        folder.unlink()
    sizes: dict[str, int] = {}
    copied = 0
    texts = [_is_its_text(cut) for cut in cuts]
    try:
        for cut, is_text in zip(cuts, texts, strict=True):
            sha256 = cut.entry.sha256
            # Of files with the same bytes, one may have changed since it was read.
            if not sizes.get(sha256) and not is_text:
                sizes[sha256] = _whole(folder / sha256, sha256)
                if not sizes[sha256]:
                    sizes[sha256] = _copy(corpus, cut.entry.name, folder / sha256)
                    copied += sizes[sha256]
        if copied:
            sync_folder(folder)
    except BaseException:
        sweep_originals(root)  # what was copied so far is named by no generation
        raise
    return [
        _with_size(cut, 0 if is_text else sizes[cut.entry.sha256]) for cut, is_text in zip(cuts, texts, strict=True)
    ]


def _is_its_text(cut: Cut) -> bool:
    """Whether the text of a source in UTF-8 is its file, byte for byte."""
    return hashlib.sha256(cut.text).hexdigest() == cut.entry.sha256


def _with_size(cut: Cut, size: int) -> Cut:
    return cut if cut.entry.original == size else replace(cut, entry=replace(cut.entry, original=size))


def _whole(path: Path, sha256: str) -> int:
    """Bytes of an original that is there with the right hash; 0 where it is not."""
    try:
        if path.is_symlink() or not path.is_file() or sha256_file(path) != sha256:
            return 0
        return path.stat().st_size
    except OSError:
        return 0


def _copy(corpus: Path, name: str, original: Path) -> int:
    """Copy a file of the corpus; its bytes, or 0 where they are not those that were read."""
    try:
        data = file_of(corpus, name).read_bytes()
    except (OSError, CorpusError):
        return 0
    if hashlib.sha256(data).hexdigest() != original.name:
        return 0
    draft = original.with_name(f"{original.name}.tmp")
    try:
        write_synced(draft, data)
        os.replace(draft, original)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return len(data)


def keeps_original(index: Store, source: Source) -> bool:
    """Whether the index says that it keeps a source's file apart from its text, and something stands in its place."""
    size = index.generation.manifest.originals.get(source.sha256, 0)
    return bool(size) and (index.root / ORIGINALS / source.sha256).is_file()


def read_original(index: Store, source: Source) -> bytes | None:
    """The file that a source was read from; `None` where the index does not keep it.

    Raises:
        IndexCorruptError: what is kept is not what was written.

    """
    text = source.text.encode("utf-8")
    if hashlib.sha256(text).hexdigest() == source.sha256:
        return text
    size = index.generation.manifest.originals.get(source.sha256, 0)
    return read_checked(index.root / ORIGINALS / source.sha256, FileEntry(size, source.sha256)) if size else None


class Originals(Mapping[str, bytes]):
    """The bytes that the documents of an index were read from, by name; each is read when it is asked for."""

    def __init__(self, index: Store) -> None:
        self._index = index

    def __getitem__(self, name: str) -> bytes:
        """The file's bytes; of one that the index does not keep, its text."""
        source = self._index.sources[name]
        data = read_original(self._index, source)
        return source.text.encode("utf-8") if data is None else data

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.sources)

    def __len__(self) -> int:
        return len(self._index.sources)
