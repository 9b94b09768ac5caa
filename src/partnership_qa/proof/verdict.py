"""What has become of a quote, or of an answer's own words: the outcome of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .record import Proof


class State(str, Enum):
    """What has become of a quote; or that an answer says what it may not."""

    INTACT = "intact"  # its words are at its address
    MOVED = "moved"  # its words are at another address
    CHANGED = "changed"  # other words stand in its place
    GONE = "gone"  # no file with its name or its hash holds anything like it
    UNSUPPORTED = "unsupported"  # of an answer's own words: neither its quotes nor this package say them there


class FileState(str, Enum):
    """What has become of the file that a quote was taken from."""

    SAME = "same"  # the same bytes
    CHANGED = "changed"  # other bytes under the same name
    RENAMED = "renamed"  # the same bytes under another name
    MISSING = "missing"  # neither its name nor its bytes are there
    UNREAD = "unread"  # there is a file of that name, but no text can be read from it
    UNKNOWN = "unknown"  # there is a file of that name; what bytes it should have is not stated


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has become of one quote; or words of an answer that it may not say (`State.UNSUPPORTED`).

    Attributes:
        state: of the quote.
        file: of its file; `None` where no quote was checked.
        proof: what was checked; `None` of words that are unsupported.
        found: the address of the quote as it is now, or of what is nearest to it; `None` where it is gone.
        same_around: whether the characters before and behind are the same; `None` where it is gone.
        alike: how like the quote the words that are found are, in [0, 1].
        difference: word by word, from the quote to what is found; empty unless it is changed.
        text: all that in one sentence.
        answer, citation: the how-manieth answer and citation of what was given, from 1; citation 0 is none.
        said: the words of the answer that are unsupported; else empty.

    """

    state: State
    file: FileState | None
    proof: Proof | None
    found: Proof | None
    same_around: bool | None
    alike: float
    difference: tuple[tuple[str, str, str], ...]
    text: str
    answer: int = 1
    citation: int = 1
    said: str = ""

    def label(self, several: bool) -> str:
        """Which quote it is of, as people read it: `[2]`, or `[1.2]` where several answers were given; of none `-`."""
        quote = str(self.citation or "-")
        return f"[{self.answer}.{quote}]" if several else f"[{quote}]"

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "answer": self.answer, "citation": self.citation, "state": self.state.value,
            "file": None if self.file is None else self.file.value, "text": self.text,
            "document": None if self.proof is None else self.proof.document,
            "quote": None if self.proof is None else self.proof.quote, "said": self.said,
            "same_around": self.same_around, "alike": round(self.alike, 4),
            "difference": [list(part) for part in self.difference],
            "proof": None if self.proof is None else self.proof.to_dict(),
            "found": None if self.found is None else self.found.to_dict(),
        }  # fmt: skip
