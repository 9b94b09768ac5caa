"""The commonest call, told from its words alone: `ask QUESTION`, with `--index FOLDER` and `--json` or without.

Typer reads all calls; for that it imports pydantic, which takes longer than a search. What is not sure is left to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def plain_question(words: Sequence[str]) -> dict[str, Any] | None:
    """What `ask` is to be called with for the words behind it; `None` where there are other options or faults."""
    given: dict[str, Any] = {}
    left = iter(words)
    for word in left:
        if word == "--json":
            given["as_json"] = True
        elif word == "--index":
            folder = next(left, "-")
            if folder.startswith("-"):
                return None
            given["index"] = Path(folder)
        elif word.startswith("-") or "question" in given:
            return None
        else:
            given["question"] = word
    return given if "question" in given else None


def called(command: Callable[..., None], given: dict[str, Any]) -> int:
    """Call a command as typer does, and give its exit code.

    Raises:
        typer.Abort: it was broken off.

    """
    try:
        command(**given)
    except typer.Exit as end:
        return end.exit_code
    except (EOFError, KeyboardInterrupt) as error:
        raise typer.Abort from error
    except BrokenPipeError:
        return 1
    return 0
