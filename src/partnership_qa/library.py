"""Collections by name: each with its folders, its index and its labels, in one home folder.

    HOME/collections/NAME/folders.json   the folders that are indexed (`sources.folders`)
                          texts/         texts of its own, which is one of these folders
                          index/         generations, as in any index
                          labels/        judgements of answers
    HOME/deleted/NAME/                   what was deleted, until the next build

Home is what `home=` or `--home` names, else the environment variable PARTNERSHIP_QA_HOME, else the data folder that the
system gives this user.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import platformdirs

from .errors import CollectionError
from .index.generations import CURRENT, read_commits, switch, write_lock
from .sources.folders import FOLDERS, read_folders, write_folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOME_VARIABLE = "PARTNERSHIP_QA_HOME"
TEXTS = "texts"
_NAME = re.compile(r"\w(?:[\w .-]{0,62}\w)?")


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: its name and its own folder in the home folder."""

    name: str
    folder: Path

    @property
    def index(self) -> Path:
        """Folder of its index."""
        return self.folder / "index"

    @property
    def corpus(self) -> Path:
        """The list of its folders, which stands for its corpus wherever one is asked for."""
        return self.folder / FOLDERS

    @property
    def texts(self) -> Path:
        """Folder of texts that were added to it, such as those pasted into the page."""
        return self.folder / TEXTS

    @property
    def labels(self) -> Path:
        """Folder of judgements of its answers."""
        return self.folder / "labels"

    @property
    def built(self) -> bool:
        """Whether it has an index."""
        return (self.index / CURRENT).is_file()

    @property
    def folders(self) -> dict[str, Path]:
        """The folders that it follows, without its own texts, by the name that their documents begin with.

        Raises:
            CorpusError: the list is damaged.

        """
        return {name: path for name, path in read_folders(self.corpus).items() if path != self.texts}

    def add(self, folder: Path) -> str:
        """Follow another folder; the name that its documents begin with, which is its own or has a number after it.

        Raises:
            CollectionError: it is no folder, or it lies in another one or around it.
            CorpusError: the list is damaged.

        """
        place = folder.expanduser().resolve()
        there = read_folders(self.corpus)
        known = next((name for name, path in there.items() if path == place), None)
        if known is not None:
            return known
        if not place.is_dir():
            raise CollectionError(f"{folder} is no folder: give a folder of texts.")
        near = next(
            (one for one in (*there.values(), self.folder) if _in_sight(one, place) or _in_sight(place, one)), None
        )
        if near is not None:
            raise CollectionError(f"{place} and {near} lie in one another: each text would be indexed twice.")
        name = _free(place.name.strip(". ") or "folder", set(there))
        write_folders(self.corpus, {**there, name: place})
        return name

    def remove(self, folder: str) -> None:
        """Follow a folder no more, given by its name or its path; the folder itself is left as it is.

        Raises:
            CollectionError: it is none of its folders.
            CorpusError: the list is damaged.

        """
        place, there = Path(folder).expanduser().resolve(), read_folders(self.corpus)
        gone = [name for name, path in self.folders.items() if name == folder or path == place]
        if not gone:
            known = ", ".join(self.folders) or "none"
            raise CollectionError(f"The collection “{self.name}” has no folder {folder} (it has: {known}).")
        write_folders(self.corpus, {name: path for name, path in there.items() if name not in gone})


class Library:
    """The collections of one home folder. Nothing is kept in memory: every call looks at the disk."""

    def __init__(self, home: str | os.PathLike[str] | None = None) -> None:
        given = home or os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("partnership_qa")
        self.home = Path(given).expanduser().absolute()

    def collections(self) -> tuple[Collection, ...]:
        """All of them, by name."""
        return _in(self.home / "collections")

    def deleted(self) -> tuple[Collection, ...]:
        """Those that can be restored, by name."""
        return _in(self.home / "deleted")

    def collection(self, name: str) -> Collection:
        """The one of that name.

        Raises:
            CollectionError: there is none.

        """
        return _found(name, self.collections(), f"partnership-qa build FOLDER --collection {quote(name)}")

    def create(self, name: str, folders: Sequence[Path] = ()) -> Collection:
        """Make one that follows these folders.

        Raises:
            CollectionError: the name or a folder cannot be used, or it cannot be written; then nothing is made.

        """
        collection = Collection(self._new_name(name), self.home / "collections" / name)
        with _told("made", name):
            collection.texts.mkdir(parents=True)
            write_folders(collection.corpus, {TEXTS: collection.texts})
        try:
            for folder in folders:
                collection.add(folder)
        except CollectionError:
            shutil.rmtree(collection.folder, ignore_errors=True)
            raise
        return collection

    def rename(self, old: str, new: str) -> Collection:
        """Give one another name; whoever has it open, such as a chat page, must open it again.

        Raises:
            CollectionError: there is none, the new name cannot be used, or it cannot be written.
            IndexBusyError: a build is at work on it.

        """
        collection = self.collection(old)
        return self._moved(collection, self.home / "collections" / self._new_name(new))

    def delete(self, name: str) -> None:
        """Put one aside, index and labels with it, until the next build; its folders are left as they are.

        Raises:
            CollectionError: there is none, or it cannot be written.
            IndexBusyError: a build is at work on it.

        """
        collection = self.collection(name)
        aside = self.home / "deleted" / name
        with _told("deleted", name):
            shutil.rmtree(aside, ignore_errors=True)  # one of the same name that was deleted before
            self._moved(collection, aside)

    def restore(self, name: str) -> Collection:
        """Undo a deletion.

        Raises:
            CollectionError: none of that name was deleted since the last build, or there is a new one.

        """
        collection = _found(name, self.deleted(), "it is gone after the next build")
        return self._moved(collection, self.home / "collections" / self._new_name(name))

    def forget_deleted(self) -> None:
        """Remove what was deleted for good; a build does so when it has succeeded."""
        shutil.rmtree(self.home / "deleted", ignore_errors=True)

    def _new_name(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            what = "at most 64 letters, digits, points, hyphens and spaces, a letter or digit first and last"
            raise CollectionError(f"A collection cannot be called “{name}”: give {what}.")
        if any(one.name.casefold() == name.casefold() for one in self.collections()):
            raise CollectionError(f"There is a collection “{name}” already; choose another name.")
        return name

    def _moved(self, collection: Collection, place: Path) -> Collection:
        moved = Collection(place.name, place)
        with _told("moved", collection.name):
            place.parent.mkdir(parents=True, exist_ok=True)
            if collection.built:
                with write_lock(collection.index, timeout=5.0):
                    pass  # no build is at work; it is not held on, as a file that is open cannot be moved everywhere
            corpus = str(collection.corpus.resolve())
            collection.folder.rename(place)
        if moved.built:
            with write_lock(moved.index):
                commits = read_commits(moved.index)
                new = str(moved.corpus.resolve())
                switch(moved.index, tuple(c._replace(corpus=new) if c.corpus == corpus else c for c in commits))
        return moved


def collection_of(index: Path) -> Collection | None:
    """The collection that an index belongs to; `None` where it stands alone."""
    folder = index.absolute().parent
    return Collection(folder.name, folder) if index.name == "index" and (folder / FOLDERS).is_file() else None


def library_of(index: Path) -> Library:
    """The library of an index's collection; that of the default home folder where it stands alone."""
    collection = collection_of(index)
    return Library(collection.folder.parent.parent if collection is not None else None)


def _in(folder: Path) -> tuple[Collection, ...]:
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(Collection(path.name, path) for path in there if (path / FOLDERS).is_file())


def _found(name: str, among: tuple[Collection, ...], otherwise: str) -> Collection:
    for collection in among:
        if collection.name == name:
            return collection
    near = difflib.get_close_matches(name, [one.name for one in among], n=3)
    like = f" Near it are: {', '.join(near)}." if near else ""
    raise CollectionError(f"There is no collection “{name}”.{like} To make it: {otherwise}")


def _in_sight(path: Path, folder: Path) -> bool:
    """Whether a build of `folder` would look into `path`: it lies there, and not behind a hidden folder."""
    return path.is_relative_to(folder) and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free.casefold() in {one.casefold() for one in taken}:
        free, number = f"{name}-{number}", number + 1
    return free


@contextmanager
def _told(done: str, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or "the home folder"
        raise CollectionError(
            f"The collection “{name}” cannot be {done}: {where}: {error.strerror or error}."
        ) from error
