"""A corpus of several folders: a file `folders.json` that names them, which stands wherever a corpus may.

    {"folders": [{"name": "texts", "path": "texts"}, {"name": "contracts", "path": "/home/ada/contracts"}]}

A path that is not absolute begins at the file's own folder, so that the two can be moved together. A document's name
begins with its folder's: `contracts/2023/lease.pdf`. A folder keeps its name whatever others come or go, so that
documents keep theirs.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CorpusError, CorpusNotFoundError
from .files import Skipped, SourceFile, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDERS = "folders.json"
_MAX_BYTES = 1 << 20


def is_folders(corpus: Path) -> bool:
    """Whether a corpus is a list of folders."""
    return corpus.name == FOLDERS and corpus.is_file()


def read_folders(corpus: Path) -> dict[str, Path]:
    """The folders that a list names, by the name that their documents begin with, in the order of the list.

    Raises:
        CorpusError: it cannot be read, or is no such list.

    """
    try:
        with corpus.open("rb") as stream:
            listed = json.loads(stream.read(_MAX_BYTES))["folders"]
        folders = {entry["name"]: corpus.parent / entry["path"] for entry in listed}
    except OSError as error:
        raise CorpusError(f"The list of folders {corpus} cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CorpusError(f"{corpus} is no list of folders ({error}). Make the collection again.") from error
    if not all(map(_is_name, folders)) or len(folders) != len(listed):
        raise CorpusError(f"{corpus} is no list of folders: names in it are wrong. Make the collection again.")
    return folders


def write_folders(corpus: Path, folders: Mapping[str, Path]) -> None:
    """Write a list of folders; another that stands there is replaced at once.

    Raises:
        OSError: it cannot be written.

    """
    here = corpus.parent
    paths = {name: path.relative_to(here) if path.is_relative_to(here) else path for name, path in folders.items()}
    listed = [{"name": name, "path": os.fspath(path)} for name, path in paths.items()]
    draft = corpus.with_name(f"{corpus.name}.tmp")
    draft.write_text(json.dumps({"folders": listed}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, corpus)


def walk_folders(corpus: Path, suffixes: tuple[str, ...], leave_out: Path | None = None) -> list[SourceFile | Skipped]:
    """As `files.walk`, of all folders of a list.

    Raises:
        CorpusNotFoundError: one of the folders is gone; a drive that is not plugged in must not empty an index.
        CorpusError: the list cannot be read.

    """
    found: list[SourceFile | Skipped] = []
    for name, folder in read_folders(corpus).items():
        if not folder.is_dir():
            raise CorpusNotFoundError(folder)
        found += [replace(entry, name=f"{name}/{entry.name}") for entry in walk(folder, suffixes, leave_out)]
    return sorted(found, key=lambda entry: entry.name)


def file_of(corpus: Path, name: str) -> Path:
    """Where the document of that name lies in a corpus: a folder, a list of folders, or one file.

    Raises:
        CorpusError: the list of folders cannot be read, or the folder is no longer among them.

    """
    if not is_folders(corpus):
        return corpus / name if corpus.is_dir() else corpus
    label, _, rest = name.partition("/")
    folder = read_folders(corpus).get(label)
    if folder is None:
        raise CorpusError(f"{corpus} names no folder “{label}”.")
    return folder / rest


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip(". ")) and "/" not in name and "\\" not in name
