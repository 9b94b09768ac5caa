"""What must be known of a quote so that anybody can check it against the file alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ProofError
from ..text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
AROUND = 32  # characters before and behind a quote
_HASH = re.compile(r"[0-9a-f]{64}")


class PageBox(NamedTuple):
    """A line of the quote on a page: its number from 1, and the sides in shares of its width and height, in [0, 1]."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Extraction:
    """How a text came out of the bytes of a file.

    Attributes:
        encoding: of a file that is text, such as `utf-8`; `None` where a parser took the text out of another format.
        programs: what read the bytes, each as `name version`; a name alone where the version is not known.
        note: what was said of how the file was read; empty where nothing was.

    """

    encoding: str | None
    programs: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A quote with its address in a file. Whatever is `None` is not stated, and not checked.

    Attributes:
        document: path relative to the corpus folder, with `/`.
        sha256: of the file's bytes, in hexadecimal.
        extraction: how its text came out of the bytes.
        start, end: characters of the text, half-open; `end - start` is the length of the quote.
        bytes: bytes of the file that are the quote, half-open; of a plain-text file.
        line, column: of the first character, from 1; a column is a character of its line.
        page: that the quote begins on, from 1; of a source with pages.
        place: address of the source's own kind, such as `Prices!C7`, of the character `at`.
        at: the character that `place` is the address of.
        boxes: where the quote stands on its pages; empty where that is not known.
        quote: its characters.
        prefix, suffix: the 32 characters before and behind, fewer at the beginning and the end of the text.
        occurrence, occurrences: the how-manieth place of the text with these characters it is, from 1, and of how many.
        marks: the answer's words in the quote when it was given, in characters of the text; they are held against what
            the citation beside it marks.

    """

    document: str
    start: int
    end: int
    quote: str
    sha256: str | None = None
    extraction: Extraction | None = None
    bytes: Span | None = None
    line: int | None = None
    column: int | None = None
    page: int | None = None
    place: str | None = None
    at: int | None = None
    boxes: tuple[PageBox, ...] = ()
    prefix: str | None = None
    suffix: str | None = None
    occurrence: int | None = None
    occurrences: int | None = None
    marks: tuple[Span, ...] | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        taken = self.extraction
        return {
            "version": VERSION, "document": self.document, "sha256": self.sha256,
            "extraction": None if taken is None else {
                "encoding": taken.encoding, "programs": list(taken.programs), "note": taken.note,
            },
            "start": self.start, "end": self.end, "bytes": None if self.bytes is None else list(self.bytes),
            "line": self.line, "column": self.column, "page": self.page, "place": self.place, "at": self.at,
            "boxes": [list(box) for box in self.boxes], "quote": self.quote, "prefix": self.prefix,
            "suffix": self.suffix, "occurrence": self.occurrence, "occurrences": self.occurrences,
            "marks": None if self.marks is None else [list(mark) for mark in self.marks],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Proof:
        """Read what `to_dict` gave.

        Raises:
            ProofError: something is missing, or of another kind than it should be.

        """
        return _Reading(values).proof()


class _Reading:
    """One proof being read; whatever is wrong is named."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def proof(self) -> Proof:
        version = self._values.get("version", VERSION)
        if version != VERSION:
            raise ProofError("version", f"is {version!r}, and only {VERSION} can be read; update partnership_qa")
        start, end = self._count("start"), self._count("end")
        quote = self._text("quote")
        if start is None or end is None:
            raise ProofError("start" if start is None else "end", "is missing")
        if not quote or end - start != len(quote):
            raise ProofError("end", f"is {end}, but the quote of {len(quote):,} characters begins at {start}")
        sha256 = self._optional("sha256")
        if sha256 is not None and not _HASH.fullmatch(sha256):
            raise ProofError("sha256", "is no hash of 64 hexadecimal digits")
        octets = self._values.get("bytes")
        return Proof(
            self._text("document"), start, end, quote, sha256, self._extraction(),
            None if octets is None else self._span("bytes", octets), self._count("line", 1), self._count("column", 1),
            self._count("page", 1), self._optional("place"), self._count("at"), self._boxes(),
            self._optional("prefix"), self._optional("suffix"), self._count("occurrence", 1),
            self._count("occurrences", 1), self._marks(),
        )  # fmt: skip

    def _text(self, name: str) -> str:
        value = self._optional(name)
        if value is None:
            raise ProofError(name, "is missing")
        return value

    def _optional(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise ProofError(name, f"is {_kind(value)} and no text")
        return value

    def _count(self, name: str, least: int = 0) -> int | None:
        value = self._values.get(name)
        if value is not None and not _is_count(value, least):
            raise ProofError(name, f"is {value!r} and no whole number from {least} on")
        return value

    def _span(self, name: str, value: Any) -> Span:
        if not isinstance(value, list | tuple) or len(value) != 2 or not all(_is_count(one) for one in value):
            raise ProofError(name, "is no pair of whole numbers")
        span = Span(*value)
        if span.end < span.start:
            raise ProofError(name, f"ends before it begins ({span.start} to {span.end})")
        return span

    def _extraction(self) -> Extraction | None:
        value = self._values.get("extraction")
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ProofError("extraction", f"is {_kind(value)} and no object")
        encoding, programs, note = value.get("encoding"), value.get("programs", []), value.get("note", "")
        texts = [note, *(programs if isinstance(programs, list | tuple) else [None]), *([encoding] if encoding else [])]
        if not all(isinstance(one, str) for one in texts):
            raise ProofError("extraction", "has no list of programs, or its encoding or note is no text")
        return Extraction(encoding or None, tuple(programs), note)

    def _marks(self) -> tuple[Span, ...] | None:
        value = self._values.get("marks")
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise ProofError("marks", "is no list of pairs of whole numbers")
        return tuple(self._span("marks", one) for one in value)

    def _boxes(self) -> tuple[PageBox, ...]:
        value = self._values.get("boxes", [])
        if not isinstance(value, list | tuple) or not all(_is_box(one) for one in value):
            raise ProofError("boxes", "is no list of boxes, each a page and four sides between 0 and 1")
        return tuple(PageBox(*box) for box in value)


def _is_count(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_box(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 5 or not _is_count(value[0], 1):
        return False
    return all(isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= 1 for one in value[1:])


def _kind(value: object) -> str:
    kinds = {bool: "a truth value", dict: "an object", list: "a list", str: "text"}
    return kinds.get(type(value), "a number")
