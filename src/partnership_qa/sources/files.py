"""Which files of a folder are read, and which are left out, and why; no file is opened here."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was looked at and left out, and why, in words for its owner.

    Attributes:
        sha256: of its bytes, in hexadecimal; empty where it was not opened.

    """

    name: str
    reason: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that may be read: its name relative to the corpus, with `/`, and where it is."""

    name: str
    path: Path


def walk(root: Path, suffixes: tuple[str, ...], leave_out: Path | None = None) -> list[SourceFile | Skipped]:
    """Files of a folder, or one file, in the order of their names.

    Hidden files and folders are passed over in silence; files of other kinds, what is no regular file, and links that
    leave the folder come back as skipped. Links to folders are not followed.

    Args:
        root: folder or file; nothing comes back where it does not exist.
        suffixes: kinds that can be read, in lower case with their point.
        leave_out: a folder that is not looked into, such as the index itself.

    """
    base = root if root.is_dir() else root.parent
    found: list[SourceFile | Skipped] = []
    for path, below in _paths(root, leave_out):
        name = os.fsencode(below).decode("utf-8", "replace")
        reason = _refusal(path, base, suffixes)
        if not reason and "\ufffd" in name:
            reason = "its name is not valid text; rename it"
        found.append(Skipped(name, reason) if reason else SourceFile(name, path))
    return sorted(found, key=lambda entry: entry.name)


def _paths(root: Path, leave_out: Path | None) -> Iterator[tuple[Path, str]]:
    """Where each file stands, and its path below the root, with `/`."""
    if root.is_file():
        yield root, root.name
        return
    unseen = leave_out.resolve() if leave_out is not None else None
    for folder, below, files in os.walk(root):
        here = Path(folder)
        links = [name for name in below if (here / name).is_symlink()]
        below[:] = sorted(
            name for name in below
            if not name.startswith(".") and name not in links and (unseen is None or (here / name).resolve() != unseen)
        )  # fmt: skip
        within = "" if here == root else f"{here.relative_to(root).as_posix()}/"
        yield from ((here / name, within + name) for name in (*files, *links) if not name.startswith("."))


def _refusal(path: Path, base: Path, suffixes: tuple[str, ...]) -> str:
    """Why a file is not even opened; empty where it may be."""
    try:
        # Of a hundred thousand files each is looked at once.
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):
            if not path.resolve().is_relative_to(base.resolve()):
                return "it is a link that leaves the corpus"
            if path.is_dir():
                return "it is a link to a folder"
            if path.is_file():
                info = path.stat()
        if path.suffix.lower() not in suffixes:
            return f"its kind is not known (known: {', '.join(suffixes)})"
        if not stat.S_ISREG(info.st_mode):
            return "it is not a regular file"
        if info.st_size > MAX_FILE_BYTES:
            return f"it is larger than {MAX_FILE_BYTES // 2**20} MiB"
    except (OSError, RuntimeError) as error:  # a link that leads to itself
        return f"it cannot be read ({getattr(error, 'strerror', None) or error})"
    return ""
