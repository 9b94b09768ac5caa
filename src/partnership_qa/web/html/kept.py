"""Kept conversations as the page lists them, and whether the quotes of an earlier answer still stand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...answering.outcome import Answer, NoAnswer
from ...answering.quoted import quoted
from ...proof import State
from ..kept_turns import indexed
from .rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...index import Store
    from ..conversations import Kept
    from ..turns import Turn


def kept_list(found: Sequence[Kept], words: str = "", current: str = "", problem: str = "") -> str:
    """Conversations to open, rename or delete, the newest first.

    Args:
        found: what is listed.
        words: that were searched for.
        current: id of the one that is open.
        problem: why something could not be done.

    """
    listed = [(one, f"{datetime.fromtimestamp(one.changed).astimezone():%d %b %Y, %H:%M}") for one in found]
    return render("kept.html", listed=listed, words=words, current=current, problem=problem)


def standing_line(turn: Turn, index: Store) -> str:
    """What has become of the quotes of an answer that is from earlier; empty where it is of now or quotes nothing."""
    earlier = turn.trace is not None and (turn.generation != index.generation.name or not turn.trace.parts)
    groups = _groups(turn, index) if earlier else {}
    count = sum(map(len, groups.values()))
    if not count:
        return ""
    return render(
        "standing.html", count=count, **{state.value: groups.get(state, []) for state in State},
    )  # fmt: skip


def _groups(turn: Turn, index: Store) -> dict[State, list[int]]:
    """Numbers of the quotes, as their card shows them, by what has become of them."""
    result = turn.result
    cited = quoted(result).all if isinstance(result, Answer) else {}
    if isinstance(result, NoAnswer):
        cited = dict(enumerate(result.candidates, 1))
    groups: dict[State, list[int]] = {}
    for number, one in cited.items():
        groups.setdefault(indexed(index).standing(one), []).append(number)
    return groups
