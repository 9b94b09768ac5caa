"""Documents to ask within: a tree with boxes to tick, what is chosen, and what a question was asked of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...selection import Selection

MAX_FILES_SHOWN = 2000
MAX_CHIPS = 6


@dataclass
class Folder:
    """A folder of documents.

    Attributes:
        path: with `/` at its end; empty for the root.
        count: documents in it and below.
        folders: in it, by name.
        files: their names and their paths, in the order of the index.

    """

    path: str
    count: int = 0
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)


def folder_tree(names: Iterable[str]) -> Folder:
    """Names of documents as a tree; the root is nobody's folder."""
    root = Folder("")
    for name in names:
        here = root
        here.count += 1
        *above, own = name.split("/")
        for part in above:
            here = here.folders.setdefault(part, Folder(f"{here.path}{part}/"))
            here.count += 1
        here.files.append((own, name))
    return root


def tree_panel(names: Sequence[str]) -> str:
    """Every folder and document with a box to tick; of very many documents the folders alone."""
    files = len(names) <= MAX_FILES_SHOWN
    return render("within_tree.html", root=folder_tree(names), files=files, most=MAX_FILES_SHOWN)


def chosen_line(patterns: Sequence[str], selection: Selection | None, total: int, problem: str = "") -> str:
    """What the next question is asked of, above its box; each choice can be taken back.

    Args:
        patterns: what was chosen.
        selection: what it comes to; `None` where nothing is chosen, or where the index no longer has it.
        total: documents of the index.
        problem: why something else was not taken.

    """
    count = len(selection.documents) if selection is not None else 0
    return render(
        "within_line.html", patterns=patterns, shown=patterns[:MAX_CHIPS], left=len(patterns) - MAX_CHIPS, count=count,
        total=total, problem=problem,
    )  # fmt: skip


def turn_line(patterns: Sequence[str]) -> str:
    """What a question was asked of, below it; empty where it was asked of all."""
    if not patterns:
        return ""
    return render("within_turn.html", shown=patterns[:MAX_CHIPS], left=len(patterns) - MAX_CHIPS)
