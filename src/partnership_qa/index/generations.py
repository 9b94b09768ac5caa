"""Generations on disk: written whole, switched by one atomic replace, checked byte for byte when read.

    INDEX/CURRENT            {"generation": ..., "manifest": sha256, "corpus": ..., "reading": ..., "kept": [...]}
                             and on a second line the SHA-256 of the first; `kept` says the same of those before
    INDEX/gen-TIME-PID/      manifest.json and the files that it names
    INDEX/originals/SHA256   the bytes of source files, shared by the generations that name them (`originals`)

A build writes into `gen-*.tmp`, syncs every file, writes the manifest last, renames the folder, and replaces CURRENT.
Whatever moment it is stopped at, CURRENT names a whole generation: the old one or the new one. Readers take no lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import CorpusIndexError, IndexBusyError, IndexCorruptError, IndexMismatchError, IndexNotFoundError
from .blobs import read_data, release, sha256_of, side_by_side
from .manifest import FileEntry, Manifest

if TYPE_CHECKING:
    from .blobs import Data, Pieces

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
ORIGINALS = "originals"
KEEP = 2
_LOCK, _HOLDER = ".lock", ".writer"
_MAX_POINTER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Generation:
    """A whole generation.

    Attributes:
        name: of its folder.
        manifest: what it says of itself.
        corpus: folder that it was built from.
        reading: stands for the program that read and cut the corpus (`cutting.stamp`); empty where that is not known.

    """

    name: str
    manifest: Manifest
    corpus: str
    reading: str = ""


class Commit(NamedTuple):
    """What CURRENT says of a generation: its folder's name, the hash of its manifest, and `Generation`'s other two."""

    name: str
    digest: str
    corpus: str
    reading: str = ""


@contextmanager
def write_lock(root: Path, timeout: float = 60.0) -> Iterator[None]:
    """Hold the index for writing; one build at a time.

    Raises:
        IndexBusyError: another build held it for longer than `timeout` seconds.
        CorpusIndexError: the folder cannot be written.

    """
    from filelock import FileLock, Timeout  # no question waits for it

    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / _LOCK, timeout=timeout):
            (root / _HOLDER).write_text(f"process {os.getpid()}", "utf-8")
            try:
                yield
            finally:
                (root / _HOLDER).unlink(missing_ok=True)
    except Timeout:
        raise IndexBusyError(root, _holder(root)) from None
    except NotImplementedError as error:  # some network folders know no locks
        raise CorpusIndexError(f"The index cannot be locked at {root} ({error}); choose a local folder.") from error
    except OSError as error:
        raise CorpusIndexError(
            f"The index cannot be written at {error.filename or root}: {error.strerror or error}. "
            "Free some space or choose another folder with --index; the index that was there still answers."
        ) from error


def _holder(root: Path) -> str:
    try:
        return (root / _HOLDER).read_text("utf-8")[:100]
    except (OSError, UnicodeDecodeError):
        return ""


def commit(
    root: Path,
    manifest: Manifest,
    files: Mapping[str, Pieces],
    corpus: str,
    reading: str = "",
    accept: Callable[[Generation], None] | None = None,
) -> Generation:
    """Write a generation and make it current; the one before is kept. The caller holds the lock.

    `accept` is called when it is written whole and not yet current; what it raises keeps it from becoming so, and it is
    removed again.
    """
    before = _commits_or_none(root) or ()
    _sweep_drafts(root)
    moment = time.time_ns()
    while (root / (name := f"gen-{moment:020d}-{os.getpid()}")).exists():  # the clock was set back, or stands still
        moment += 1
    draft = root / f"{name}.tmp"
    try:
        for file, pieces in files.items():
            write_synced(draft / file, *pieces)
        described = manifest.to_bytes()
        write_synced(draft / MANIFEST, described)
        for folder in (*(path for path in draft.rglob("*") if path.is_dir()), draft):
            sync_folder(folder)
        os.replace(draft, root / name)
        generation = Generation(name, manifest, corpus, reading)
        if accept is not None:
            accept(generation)
        digest = hashlib.sha256(described).hexdigest()
        commits = (Commit(name, digest, corpus, reading), *before)[:KEEP]
        switch(root, commits)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        # Only what CURRENT surely does not name: the switch may be done, and only its last sync have failed.
        named = _commits_or_none(root)
        if named is not None and name not in [done.name for done in named]:
            shutil.rmtree(root / name, ignore_errors=True)
        sweep_originals(root)
        raise
    sweep(root, commits)
    return generation


def switch(root: Path, commits: tuple[Commit, ...]) -> None:
    """Make the first of the commits current and keep the others; atomic. The caller holds the lock."""
    entries = [
        {"generation": done.name, "manifest": done.digest, "corpus": done.corpus, "reading": done.reading}
        for done in commits
    ]
    draft = root / f"{CURRENT}.tmp"
    line = json.dumps({**entries[0], "kept": entries[1:]}, ensure_ascii=False).encode("utf-8", "replace")
    write_synced(draft, line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n")
    os.replace(draft, root / CURRENT)
    sync_folder(root)


def write_synced(path: Path, *pieces: bytes | memoryview) -> None:
    """Write a file so that it is on the disk when this returns; its name is once its folder is synced too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last."""
    if os.name == "nt":  # Windows has no handle on a folder to sync
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(root: Path, commits: tuple[Commit, ...]) -> list[str]:
    """Remove what stopped builds left behind, and generations and originals that nothing names.

    The caller holds the lock.

    Args:
        root: folder of the index.
        commits: what CURRENT names.

    Returns:
        Paths in the index of what was removed.

    """
    kept = {done.name for done in commits}
    unnamed = [path for path in root.glob("gen-*") if path.name not in kept and path.suffix != ".tmp"]
    for path in unnamed:
        _remove(path)
    return sorted([path.name for path in unnamed] + _sweep_drafts(root) + sweep_originals(root))


def sweep_originals(root: Path) -> list[str]:
    """Remove originals that no kept generation names; the caller holds the lock.

    Nothing is removed where CURRENT or a manifest is damaged, as it cannot be told what is named.

    Returns:
        Paths in the index of what was removed.

    """
    folder = root / ORIGINALS
    named: set[str] = set()
    try:
        there = list(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []
        for done in read_commits(root) if there else ():
            named |= read_manifest(root, done.name, done.digest).originals.keys()
    except IndexNotFoundError:
        pass  # the first build failed: none is named
    except (CorpusIndexError, OSError):
        return []
    unnamed = [path for path in there if path.name not in named]
    for path in unnamed:
        _remove(path)
    return [f"{ORIGINALS}/{path.name}" for path in unnamed]


def _sweep_drafts(root: Path) -> list[str]:
    drafts = list(root.glob("*.tmp"))
    for path in drafts:
        _remove(path)
    return [path.name for path in drafts]


def _remove(path: Path) -> None:
    """Remove a file or a folder; what cannot be removed now is removed by the next build."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def read_commits(root: Path) -> tuple[Commit, ...]:
    """What CURRENT names: the generation in use first, then those kept.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: CURRENT is damaged.

    """
    path = root / CURRENT
    if not os.path.lexists(path):
        raise IndexNotFoundError(root)
    try:
        line, check, end = read_regular(path, _MAX_POINTER_BYTES).split(b"\n")
        if hashlib.sha256(line).hexdigest().encode() != check or end:
            raise IndexCorruptError(path, "is not what the build wrote")
        values = json.loads(line)
        commits = tuple(_commit(entry) for entry in (values, *values.get("kept", ())))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise IndexCorruptError(path, "cannot be read") from None
    return commits


def _commit(entry: Any) -> Commit:
    found = Commit(entry["generation"], entry["manifest"], entry["corpus"], entry.get("reading", ""))
    if not all(isinstance(value, str) for value in found):
        raise TypeError("not a string")
    if not found.name.startswith("gen-") or Path(found.name).name != found.name or "\\" in found.name:
        raise ValueError("no generation")
    return found


def _commits_or_none(root: Path) -> tuple[Commit, ...] | None:
    """What CURRENT names; nothing where there is none, `None` where it cannot be told."""
    try:
        return read_commits(root)
    except IndexNotFoundError:
        return ()
    except CorpusIndexError:
        return None


def pointer(root: Path) -> Commit:
    """What CURRENT says of the current generation.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: CURRENT is damaged.

    """
    return read_commits(root)[0]


def read_current(root: Path) -> tuple[Generation, dict[str, Data]]:
    """The current generation with the content of its files, each checked against its hash.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: a file is missing or its bytes are not those that were written.

    """
    for attempt in range(5):
        name, digest, corpus, reading = pointer(root)
        try:
            manifest, files = read_generation(root, name, digest)
            return Generation(name, manifest, corpus, reading), files
        except IndexCorruptError:
            # A generation that two builds have overtaken may vanish while it is read; the pointer then has moved.
            if attempt == 4 or pointer(root)[0] == name:
                raise
    raise AssertionError("unreachable")


def read_manifest(root: Path, name: str, digest: str) -> Manifest:
    """Manifest of one generation, checked against the hash that CURRENT gives for it."""
    data = read_regular(root / name / MANIFEST)
    if hashlib.sha256(data).hexdigest() != digest:
        raise IndexCorruptError(root / name / MANIFEST, "is not what the build wrote")
    try:
        return Manifest.from_bytes(data)
    except ValueError as error:
        raise IndexMismatchError(root, f"its manifest cannot be used ({error})") from None


def read_generation(root: Path, name: str, digest: str) -> tuple[Manifest, dict[str, Data]]:
    """Manifest and files of one generation, checked against their hashes, several side by side."""
    manifest = read_manifest(root, name, digest)
    names = list(manifest.files)
    size = sum(entry.size for entry in manifest.files.values())
    contents = side_by_side(lambda file: _content(root / name / file, manifest.files[file]), names, size)
    return manifest, dict(zip(names, contents, strict=True))


def read_checked(path: Path, entry: FileEntry) -> bytes:
    """Bytes of a file, compared with its size and its hash.

    Raises:
        IndexCorruptError: it is missing, or is not what was written.

    """
    return bytes(memoryview(_content(path, entry)))


def _content(path: Path, entry: FileEntry) -> Data:
    """The same, mapped where it is large."""
    check_size(path, entry.size)
    try:
        data = read_data(path)
    except OSError as error:
        raise IndexCorruptError(path, f"cannot be read ({error.strerror})") from None
    if len(data) != entry.size or sha256_of([data]) != entry.sha256:
        raise IndexCorruptError(path, "is not what the build wrote")
    release(data)
    return data


def check_size(path: Path, size: int) -> None:
    """Refuse what is no regular file of that many bytes before it is opened (a pipe would never end)."""
    try:
        if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
            raise IndexCorruptError(path, "is missing")
        if path.stat().st_size != size:
            raise IndexCorruptError(path, f"has {path.stat().st_size} bytes, not {size}")
    except OSError as error:
        raise IndexCorruptError(path, f"cannot be read ({error.strerror})") from None


def read_regular(path: Path, limit: int = 1 << 30) -> bytes:
    """Bytes of a regular file of at most `limit` bytes; a link, a pipe or a device is refused.

    Raises:
        IndexCorruptError: there is no such file, or it cannot be read.

    """
    try:
        if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
            raise IndexCorruptError(path, "is missing or is not a file")
        if path.stat().st_size > limit:
            raise IndexCorruptError(path, f"is larger than {limit} bytes")
        return path.read_bytes()
    except OSError as error:
        raise IndexCorruptError(path, f"cannot be read ({error.strerror})") from None
