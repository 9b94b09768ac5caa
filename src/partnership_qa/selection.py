"""Which documents a question is asked of: names, folders and patterns, resolved to the numbers of passages."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from .errors import QuestionError, UnknownDocumentError
from .proof.wording import searched_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .index import Store

MAX_PATTERNS = 10_000
MAX_GLOBS = 50  # each is compared with every name
MAX_CHARS = 1000
_KEPT = 16  # selections of an index that are kept
_NAMED = 3  # near names that a sentence holds


@dataclass(frozen=True, eq=False, slots=True)
class Selection:
    """Some of the documents of an index.

    Attributes:
        patterns: names, folders (with `/` at the end) and globs that chose them, as they were given, each once.
        documents: names of the chosen documents, in the order of the index; one or more.
        total: how many documents the index holds.
        numbers: of their passages, ascending: int64, shape (chosen passages,).
        mask: whether each passage of the index is chosen: bool, shape (passages,).

    """

    patterns: tuple[str, ...]
    documents: tuple[str, ...]
    total: int
    numbers: NDArray[np.int64]
    mask: NDArray[np.bool_]

    @property
    def sentence(self) -> str:
        """What was searched, to be said with a refusal."""
        return searched_within(self.patterns, len(self.documents), self.total)


class Catalogue:
    """The documents and folders of one index; safe to share between threads."""

    def __init__(self, index: Store) -> None:
        """Note where the passages of each document begin and end."""
        spans: dict[str, tuple[int, int]] = {}
        count = 0
        for entry in index.generation.manifest.sources:  # its passages stand one after another
            if entry.passages:
                spans[entry.name] = (count, count + entry.passages)
                count += entry.passages
        self._spans, self._count = spans, count
        self._parts = {name: tuple(name.split("/")) for name in spans}
        self._folders: dict[str, list[str]] = {}
        for name, parts in self._parts.items():
            for depth in range(1, len(parts)):
                self._folders.setdefault("/".join(parts[:depth]), []).append(name)
        self._resolved = lru_cache(maxsize=_KEPT)(self._resolve)

    def select(self, patterns: Sequence[str]) -> Selection:
        """The documents that the patterns choose together.

        A pattern is the name of a document, a folder, with or without `/` at its end, or a glob. A glob without `/`
        is compared with the last part of every path, one with `/` with the whole path; `*` stays within one part and
        `**` does not. A glob that fits a folder chooses all in it. Case counts. A name that holds signs of a glob is
        taken for the name first.

        Raises:
            UnknownDocumentError: a pattern chooses nothing.
            QuestionError: it is no list of texts, is empty, or is too long.

        """
        return self._resolved(checked_patterns(patterns))

    def _resolve(self, patterns: tuple[str, ...]) -> Selection:
        if sum(map(self._is_glob, patterns)) > MAX_GLOBS:
            raise QuestionError(f"More than {MAX_GLOBS} patterns were given: name folders instead.")
        chosen: set[str] = set()
        for pattern in patterns:
            found = self._matching(pattern)
            if not found:
                raise UnknownDocumentError(pattern, self._near(pattern))
            chosen.update(found)
        names = tuple(name for name in self._spans if name in chosen)
        mask = np.zeros(self._count, dtype=np.bool_)
        for name in names:
            mask[slice(*self._spans[name])] = True
        numbers = np.flatnonzero(mask).astype(np.int64)
        numbers.flags.writeable = mask.flags.writeable = False  # what a search makes of them may be kept
        return Selection(patterns, names, len(self._spans), numbers, mask)

    def _is_glob(self, pattern: str) -> bool:
        return pattern not in self._spans and pattern.rstrip("/") not in self._folders

    def _matching(self, pattern: str) -> Sequence[str]:
        if pattern in self._spans:
            return (pattern,)
        path = pattern.removeprefix("./").rstrip("/")
        if path in self._folders:
            return self._folders[path]
        wanted = path.split("/") if "/" in path else ["**", path]
        folder = pattern.endswith("/")
        return [name for name, parts in self._parts.items() if _fits(parts, wanted, folder=folder)]

    def _near(self, pattern: str) -> tuple[str, ...]:
        """Names and folders that are written much like the pattern, the likest first."""
        likely: dict[str, str] = {}
        for name in (*(f"{folder}/" for folder in self._folders), *self._spans):
            likely.setdefault(name.casefold(), name)
            likely.setdefault(name.rstrip("/").rpartition("/")[2].casefold(), name)
        close = difflib.get_close_matches(pattern.casefold(), likely, n=2 * _NAMED, cutoff=0.6)
        return tuple(islice(dict.fromkeys(likely[one] for one in close), _NAMED))


def checked_patterns(patterns: object) -> tuple[str, ...]:
    """The patterns, each once.

    Raises:
        QuestionError: they are no list of texts, or one is empty or too long.

    """
    given = patterns if isinstance(patterns, Collection) and not isinstance(patterns, (str, bytes)) else None
    names = [one for one in given or () if isinstance(one, str)]
    if given is None or len(names) < len(given):
        raise QuestionError('The documents are no list of texts: give names or patterns, such as ["contracts/"].')
    if len(names) > MAX_PATTERNS or any(len(one) > MAX_CHARS for one in names):
        raise QuestionError(f"Give at most {MAX_PATTERNS:,} documents, each of at most {MAX_CHARS:,} characters.")
    if not all(one.strip("/ ") for one in names):
        raise QuestionError("A document to ask within has no name: give its name, a folder or a pattern like *.pdf.")
    return tuple(dict.fromkeys(names))


def _fits(parts: Sequence[str], wanted: Sequence[str], *, folder: bool) -> bool:
    """Whether a path, or a folder that it lies in, fits a pattern, both in their parts; with `folder` only the latter.

    All lengths that may have been matched are followed at once, so that no pattern takes long.
    """
    reached = {0}
    for one in wanted:
        if one == "**":
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {n + 1 for n in reached if n < len(parts) and fnmatchcase(parts[n], one)}
        if not reached:
            return False
    return any(0 < length < len(parts) or (length == len(parts) and not folder) for length in reached)
