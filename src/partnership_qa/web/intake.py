"""Texts that the page is given, pasted or uploaded: their names made safe, their number and size limited."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from errno import EINVAL
from pathlib import Path, PurePosixPath
from typing import Any

from ..sources import SUFFIXES
from ..text import plain
from .environment import prepare

MAX_FILES = 500
MAX_FILE_BYTES = 10 * 2**20
MAX_TOTAL_BYTES = 50 * 2**20
MAX_KEPT_BYTES = 500 * 2**20
MAX_PASTED_CHARS = 1_000_000
MAX_NAME_CHARS = 100
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+')
_HEADING = re.compile(r"#{1,6} +(\S.*)")


@dataclass(frozen=True, slots=True)
class Intake:
    """What was given: texts by name, and what was refused, each with the reason in words for its owner."""

    texts: Mapping[str, bytes]
    refused: tuple[tuple[str, str], ...]


def safe_name(name: str) -> str:
    """A file name for any system: the last part of a path, without signs that a system or a page takes specially.

    Its suffix is kept if it is one that can be read, and `.txt` is added if it is another.
    """
    name = name.encode("utf-8", "replace").decode("utf-8")
    last = re.split(r"[/\\]", name)[-1]
    clean = _UNFIT.sub(" ", unicodedata.normalize("NFC", last))
    clean = " ".join(clean.split()).strip(". ")
    path = PurePosixPath(clean or "text")
    if path.suffix.lower() not in SUFFIXES:
        return f"{path.name[:MAX_NAME_CHARS]}.txt"
    return f"{path.stem[:MAX_NAME_CHARS].strip('. ') or 'text'}{path.suffix.lower()}"


def take(files: Iterable[tuple[str, Path]] = (), pasted: str = "", title: str = "") -> Intake:
    """Read what was given, each refused by itself where it breaks a limit.

    Args:
        files: name as the user knows it, and where the upload lies.
        pasted: a text as typed or pasted; white space alone counts as none.
        title: name for the pasted text; where empty, its first words or the heading that it begins with.

    """
    texts: dict[str, bytes] = {}
    refused: list[tuple[str, str]] = []
    total = 0
    for name, path in files:
        if len(texts) >= MAX_FILES:
            refused.append((name, f"at most {MAX_FILES} files are taken at once"))
            continue
        reason = _refusal(name, path, total)
        if reason:
            refused.append((name, reason))
            continue
        data = path.read_bytes()
        total += len(data)
        texts[_free(safe_name(name), texts)] = data
    if pasted.strip():
        if len(pasted) > MAX_PASTED_CHARS:
            refused.append(
                (title or "pasted text", f"at most {MAX_PASTED_CHARS:,} characters can be pasted; use a file")
            )
        else:
            name = safe_name(title.strip() or _named(pasted))
            texts[_free(name, texts)] = pasted.encode("utf-8", "replace")
    return Intake(texts, tuple(refused))


def _named(pasted: str) -> str:
    """A name for a text that has none: its first words, or the heading of Markdown that it begins with."""
    heading = _HEADING.match(pasted.lstrip())
    if heading is None:
        return " ".join(pasted.split()[:6]).rstrip(".:,;")
    return " ".join(plain(heading[1], ".md").split()[:6]).rstrip(".:,;") + ".md"


def _refusal(name: str, path: Path, total: int) -> str:
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        return f"its kind is not known (known: {', '.join(SUFFIXES)})"
    if path.is_symlink() or not path.is_file():
        return "it did not arrive; upload it again"
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        return f"it is larger than {MAX_FILE_BYTES // 2**20} MiB"
    if total + size > MAX_TOTAL_BYTES:
        return f"more than {MAX_TOTAL_BYTES // 2**20} MiB at once"
    return ""


def _free(name: str, taken: Mapping[str, bytes]) -> str:
    """The name, numbered if another text of this intake has it."""
    path, number, free = PurePosixPath(name), 2, name
    while free in taken:
        free = f"{path.stem} {number}{path.suffix}"
        number += 1
    return free


def uploaded(files: Sequence[Any] | None) -> list[tuple[str, Path]]:
    """Name and place of each upload; only what lies in the folder that uploads pass through."""
    folder = prepare().resolve()
    found = [Path(getattr(file, "name", None) or str(file)) for file in files or ()]
    return [(path.name, path) for path in found if path.resolve().is_relative_to(folder)]


def receive(files: Sequence[Any] | None, text: str, title: str) -> Intake:
    """What was given, read; the uploads are removed from the folder that they passed through."""
    there = uploaded(files)
    try:
        return take(there, str(text or ""), str(title or ""))
    finally:
        for _, path in there:
            path.unlink(missing_ok=True)


def write_corpus(folder: Path, texts: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly these texts; it is swapped in whole, so that none is ever half there.

    Raises:
        OSError: it cannot be written; the folder that was there is as it was.

    """
    draft, old = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, data in texts.items():
        file = draft / name
        if not file.resolve().is_relative_to(draft.resolve()):
            raise OSError(EINVAL, "a name leads out of the folder", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
