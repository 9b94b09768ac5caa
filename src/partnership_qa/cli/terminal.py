"""What the commands share: text made fit for a terminal, a line of progress, and the options that mean one thing."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..pace import Pace

# Escape sequences and other controls of a text must not drive the terminal that it is printed on.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index; the default is ./index, or the shipped article.")
]
CollectionOption = Annotated[
    str | None, typer.Option("--collection", metavar="NAME", help="A collection by its name, in the place of --index.")
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", metavar="FOLDER", help="Home folder of collections; the default is $PARTNERSHIP_QA_HOME, or a "
        "folder of this user's data.",
    ),
]  # fmt: skip
ReaderOption = Annotated[
    Path | None, typer.Option("--reader", help="Folder of a Hugging Face question-answering model to read with.")
]
SignersOption = Annotated[
    Path | None,
    typer.Option(
        "--allowed-signers", metavar="FILE",
        help="Answer only from versions that one of these signed: a file of lines NAME KEYTYPE KEY.",
    ),
]  # fmt: skip
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object.")]


def counted(count: int, one: str) -> str:
    """A count and what is counted."""
    return f"{count:,} {one if count == 1 else one + 's'}"


def plain(text: str) -> str:
    """Text fit for a terminal: control characters shown as `�`."""
    return _CONTROL.sub("\ufffd", text)


class Progress:
    """A line on standard error, rewritten as a build goes on; nothing where that is not a terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._pace = Pace()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show a stage of a build, how much of it is done, and how long it still takes."""
        if self._shown:
            share = f" {done:,} of {total:,}" if total > 1 else ""
            left = self._pace.left(stage, done, total)
            share += f", {left}" if left else ""
            sys.stderr.write("\r\033[K" + ("" if stage == "done" else f"building the index: {stage}{share}"))
            sys.stderr.flush()
