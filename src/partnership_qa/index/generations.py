"""Generations on disk: written whole, switched by one atomic replace, checked byte for byte when read.

    INDEX/CURRENT            {"generation": ..., "manifest": sha256, "corpus": ...}
    INDEX/gen-TIME-PID/      manifest.json and the files that it names

A build writes into `gen-*.tmp`, syncs every file, writes the manifest last, renames the folder, and replaces CURRENT.
Whatever moment it is stopped at, CURRENT names a whole generation: the old one or the new one. Readers take no lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import CorpusIndexError, IndexBusyError, IndexCorruptError, IndexMismatchError, IndexNotFoundError
from .manifest import FileEntry, Manifest

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
KEEP = 2


@dataclass(frozen=True, slots=True)
class Generation:
    """A whole generation: its folder's name, its manifest, and the corpus folder that it was built from."""

    name: str
    manifest: Manifest
    corpus: str


@contextmanager
def write_lock(root: Path, timeout: float = 60.0) -> Iterator[None]:
    """Hold the index for writing; one build at a time.

    Raises:
        IndexBusyError: another build held it for longer than `timeout` seconds.
        CorpusIndexError: the folder cannot be written.

    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock", timeout=timeout):
            yield
    except Timeout:
        raise IndexBusyError(root) from None
    except OSError as error:
        raise CorpusIndexError(
            f"The index cannot be written at {error.filename or root}: {error.strerror}. "
            "Free some space or choose another folder with --index; the index that was there still answers."
        ) from error


def commit(root: Path, manifest: Manifest, files: Mapping[str, bytes], corpus: str) -> Generation:
    """Write a generation and make it current; the caller holds the lock."""
    _sweep(root)
    name = f"gen-{time.time_ns():020d}-{os.getpid()}"
    draft = root / f"{name}.tmp"
    try:
        for file, data in files.items():
            _write(draft / file, data)
        _write(draft / MANIFEST, manifest.to_bytes())
        for folder in (*(path for path in draft.rglob("*") if path.is_dir()), draft):
            _sync_folder(folder)
        os.replace(draft, root / name)
        _point(root, name, manifest.digest, corpus)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _keep_last(root, name)
    return Generation(name, manifest, corpus)


def _point(root: Path, name: str, digest: str, corpus: str) -> None:
    pointer = json.dumps({"generation": name, "manifest": digest, "corpus": corpus}, ensure_ascii=False)
    draft = root / f"{CURRENT}.tmp"
    _write(draft, pointer.encode("utf-8"))
    os.replace(draft, root / CURRENT)
    _sync_folder(root)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle on a folder to sync
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(root: Path) -> None:
    """Remove what builds that were stopped left behind."""
    for path in root.glob("*.tmp"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _keep_last(root: Path, current: str) -> None:
    names = sorted((path.name for path in root.glob("gen-*") if path.is_dir()), reverse=True)
    for name in [name for name in names if name != current][KEEP - 1 :]:
        shutil.rmtree(root / name, ignore_errors=True)


def pointer(root: Path) -> tuple[str, str, str]:
    """Name, manifest hash and corpus folder of the current generation.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: CURRENT is damaged.

    """
    try:
        values = json.loads((root / CURRENT).read_bytes())
        name, digest, corpus = values["generation"], values["manifest"], values["corpus"]
        whole = all(isinstance(value, str) for value in (name, digest, corpus))
    except (FileNotFoundError, NotADirectoryError):
        raise IndexNotFoundError(root) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise IndexCorruptError(root / CURRENT, "cannot be read") from None
    if not whole or not name.startswith("gen-") or Path(name).name != name:
        raise IndexCorruptError(root / CURRENT, "names no generation")
    return name, digest, corpus


def read_current(root: Path) -> tuple[Generation, dict[str, bytes]]:
    """The current generation with the bytes of its files, each checked against its hash.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: a file is missing or its bytes are not those that were written.

    """
    for attempt in range(5):
        name, digest, corpus = pointer(root)
        try:
            manifest, files = read_generation(root, name, digest)
            return Generation(name, manifest, corpus), files
        except IndexCorruptError:
            # A generation that two builds have overtaken may vanish while it is read; the pointer then has moved.
            if attempt == 4 or pointer(root)[0] == name:
                raise
    raise AssertionError("unreachable")


def read_generation(root: Path, name: str, digest: str) -> tuple[Manifest, dict[str, bytes]]:
    """Manifest and files of one generation, checked against their hashes."""
    folder = root / name
    data = _read(folder / MANIFEST)
    if hashlib.sha256(data).hexdigest() != digest:
        raise IndexCorruptError(folder / MANIFEST, "is not what the build wrote")
    try:
        manifest = Manifest.from_bytes(data)
    except ValueError as error:
        raise IndexMismatchError(root, f"its manifest cannot be used ({error})") from None
    return manifest, {file: _checked(folder / file, entry) for file, entry in manifest.files.items()}


def _checked(path: Path, entry: FileEntry) -> bytes:
    data = _read(path, entry.size)
    if len(data) != entry.size or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise IndexCorruptError(path, "is not what the build wrote")
    return data


def _read(path: Path, size: int | None = None) -> bytes:
    """Bytes of a regular file (a pipe or a link to a device would never end)."""
    try:
        if path.is_symlink() or not path.is_file():
            raise IndexCorruptError(path, "is missing")
        if size is not None and path.stat().st_size != size:
            raise IndexCorruptError(path, f"has {path.stat().st_size} bytes, not {size}")
        return path.read_bytes()
    except OSError as error:
        raise IndexCorruptError(path, f"cannot be read ({error.strerror})") from None
