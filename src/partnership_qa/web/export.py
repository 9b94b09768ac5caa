"""A conversation of the page as a file; how each format is written stands in `exports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exports import FORMATS as WRITTEN
from ..exports import Exchange, exchange_markdown, export

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .turns import Turn

# What the page lists, with the name of each in `exports.FORMATS`.
FORMATS = {form.title: name for name, form in WRITTEN.items()}


def exchange_of(turn: Turn) -> Exchange:
    """A turn as exports take it."""
    return Exchange(turn.question, turn.result, turn.within, turn.generation, turn.error)


def turn_markdown(turn: Turn) -> str:
    """Question, answer and quotes of one turn, with the numbers that its card has."""
    return exchange_markdown(exchange_of(turn))


def saved(turns: Sequence[Turn], title: str) -> tuple[str, str]:
    """Name and text of a conversation as a file, in the format of that title; in Markdown where there is none."""
    name = FORMATS.get(title, "markdown")
    return WRITTEN[name].file, export(map(exchange_of, turns), name)
