"""What an owner may do with an index besides building it: look, check, go back, tidy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ..embedding import sha256_file
from ..errors import CorpusIndexError, IndexCorruptError
from .generations import (
    MANIFEST,
    ORIGINALS,
    Commit,
    check_size,
    read_commits,
    read_manifest,
    sweep,
    switch,
    write_lock,
)
from .pending import PENDING
from .signing import signature_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A generation that the index keeps.

    Attributes:
        name: of its folder.
        current: whether it is the one that answers.
        corpus: folder that it was built from.
        documents, passages, size: how many, and the bytes of its files and its originals; 0 where its manifest is
            damaged.
        damage: what is wrong with its manifest; empty where nothing is. `verify` looks at every file.
        sections: of all its documents.
        signed: whether there is a signature of it; whose it is and whether it is one, `check_signature` says.

    """

    name: str
    current: bool
    corpus: str
    documents: int
    passages: int
    size: int
    damage: str = ""
    sections: int = 0
    signed: bool = False

    @property
    def when(self) -> str:
        """When it was built, in people's words; its name where that says none."""
        return when(self.name) or self.name

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what the build wrote: its generation, its path in the index, and what is wrong with it."""

    generation: str
    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found.

    Attributes:
        generations: names of those that were checked, the current one first.
        files, size: how many files were read, and their bytes.
        damaged: every file that is not what the build wrote; empty where all is well.

    """

    generations: tuple[str, ...]
    files: int
    size: int
    damaged: tuple[Damage, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def when(generation: str) -> str:
    """The moment that a generation was built at, as its name says it; empty where it says none."""
    ticks = generation.partition("-")[2].partition("-")[0]
    if not ticks.isdecimal() or len(ticks) > 20:
        return ""
    return datetime.fromtimestamp(int(ticks) / 1e9, timezone.utc).strftime("%d %b %Y, %H:%M UTC")


def list_generations(root: Path) -> tuple[GenerationInfo, ...]:
    """The generations of an index, the current one first.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: CURRENT is damaged.

    """
    return tuple(_info(root, commit, number == 0) for number, commit in enumerate(read_commits(root)))


def _info(root: Path, commit: Commit, current: bool) -> GenerationInfo:
    try:
        manifest = read_manifest(root, commit.name, commit.digest)
    except CorpusIndexError as error:
        what = error.what if isinstance(error, IndexCorruptError) else str(error)
        return GenerationInfo(commit.name, current, commit.corpus, 0, 0, 0, what)
    size = sum(entry.size for entry in manifest.files.values()) + sum(manifest.originals.values())
    sections = sum(source.sections for source in manifest.sources)
    return GenerationInfo(
        commit.name, current, commit.corpus, len(manifest.sources), manifest.passages, size, "", sections,
        signature_file(root, commit.digest).is_file(),
    )  # fmt: skip


def verify(root: Path) -> Verification:
    """Compare every file of every generation with its hash, reading large files in pieces.

    An original that generations share is read once, and its damage told of the first of them.

    Raises:
        IndexNotFoundError: there is no index.
        IndexCorruptError: CURRENT is damaged.

    """
    commits = read_commits(root)
    files, size = 0, 0
    damaged: list[Damage] = []
    seen: set[str] = set()
    for commit in commits:
        try:
            manifest = read_manifest(root, commit.name, commit.digest)
        except CorpusIndexError as error:
            what = error.what if isinstance(error, IndexCorruptError) else str(error)
            damaged.append(Damage(commit.name, f"{commit.name}/{MANIFEST}", what))
            continue
        for name, entry in manifest.files.items():
            files, size = files + 1, size + entry.size
            what = _damage(root / commit.name / name, entry.size, entry.sha256)
            if what:
                damaged.append(Damage(commit.name, f"{commit.name}/{name}", what))
        for sha256, length in manifest.originals.items():
            if sha256 in seen:
                continue
            seen.add(sha256)
            files, size = files + 1, size + length
            if what := _damage(root / ORIGINALS / sha256, length, sha256):
                damaged.append(Damage(commit.name, f"{ORIGINALS}/{sha256}", what))
    return Verification(tuple(commit.name for commit in commits), files, size, tuple(damaged))


def _damage(path: Path, size: int, sha256: str) -> str:
    try:
        check_size(path, size)
        return "" if sha256_file(path) == sha256 else "is not what the build wrote"
    except IndexCorruptError as error:
        return error.what
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def rollback(root: Path, name: str | None = None) -> str:
    """Make a kept generation current; atomic, and undone by calling it again.

    A damaged original does not stand in the way: it harms no answer, and `verify` names it.

    Args:
        root: folder of the index.
        name: of the generation; `None` takes the one before the current one.

    Returns:
        Name of the generation that is now current.

    Raises:
        IndexNotFoundError, IndexBusyError: there is no index, or a build is writing it.
        IndexCorruptError: the generation to go back to is damaged; the current one stays.
        CorpusIndexError: no such generation is kept.

    """
    read_commits(root)  # before the lock makes a folder
    with write_lock(root):
        commits = read_commits(root)
        kept = [commit for commit in commits[1:] if name in (None, commit.name)]
        if name is not None and name == commits[0].name:
            return name
        if not kept:
            names = ", ".join(commit.name for commit in commits[1:]) or "none"
            what = f"no generation {name}" if name else "no generation before the current one"
            raise CorpusIndexError(f"The index at {root} keeps {what} (kept: {names}).")
        chosen = kept[0]
        manifest = read_manifest(root, chosen.name, chosen.digest)
        for file, entry in manifest.files.items():
            if what := _damage(root / chosen.name / file, entry.size, entry.sha256):
                raise IndexCorruptError(root / chosen.name / file, what)
        switch(root, (chosen, *(commit for commit in commits if commit != chosen)))
        return chosen.name


def collect_garbage(root: Path) -> tuple[str, ...]:
    """Remove what stopped builds left behind, the embeddings they had made included; names of what was removed.

    Raises:
        IndexNotFoundError, IndexBusyError: there is no index, or a build is writing it.
        IndexCorruptError: CURRENT is damaged, so that it cannot be told what is in use.

    """
    read_commits(root)
    with write_lock(root):
        removed = sweep(root, read_commits(root))
        if (root / PENDING).is_file():
            (root / PENDING).unlink()
            removed.append(PENDING)
    return tuple(removed)
