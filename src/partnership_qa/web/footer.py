"""The foot of a card as HTML: how sure, how long, why, copy, and what the visitor thinks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .export import turn_markdown
from .labels import MAX_NOTE_CHARS
from .markup import esc

if TYPE_CHECKING:
    from .turns import Turn

_THUMB = (
    "<svg viewBox='0 0 24 24' width='18' height='18' aria-hidden='true' fill='none' stroke='currentColor' "
    "stroke-width='1.8' stroke-linejoin='round'><path d='M8 11v9H4v-9h4zm0 0 4-8c1.6 0 2.5 1 2.5 2.6V9h4.3c1.4 0 2.4 "
    "1.3 2.1 2.6l-1.6 6.8c-.2 1-1 1.6-2 1.6H8'/></svg>"
)
_RATINGS = {"up": "Right", "down": "Wrong"}


def footer(place: int, turn: Turn, summary: str, sure: str) -> str:
    """The foot of the card of the turn at `place`.

    Args:
        place: number of the turn, from 0.
        turn: question and outcome.
        summary: how sure, in a word or two.
        sure: the same in a sentence, shown when asked for.

    """
    return (
        f"<footer><details class='pq-sure'><summary>{summary}</summary><p>{sure}</p></details>"
        f"<span class='pq-hint'>{turn.seconds * 1000:.0f} ms</span><span class='pq-acts'>"
        f"<a class='pq-link' href='#pq-source' data-cite='{place}:why'>Why</a>"
        f"<button type='button' class='pq-link' data-md='{esc(turn_markdown(turn))}'>Copy as Markdown</button>"
        f"{''.join(_thumb(place, turn, rating) for rating in _RATINGS)}</span></footer>{_noting(place, turn)}"
    )


def _thumb(place: int, turn: Turn, rating: str) -> str:
    pressed = "true" if turn.rating == rating else "false"
    return (
        f"<button type='button' class='pq-thumb pq-{rating}' data-rate='{place}:{rating}' aria-pressed='{pressed}' "
        f"aria-label='{_RATINGS[rating]}' title='{_RATINGS[rating]}'>{_THUMB}</button>"
    )


def _noting(place: int, turn: Turn) -> str:
    """A field for a note beneath a card that has been judged."""
    if not turn.rating:
        return ""
    what = "A note (optional)" if turn.rating == "up" else "What would be right? (optional)"
    return (
        f"<div class='pq-noting'><input type='text' maxlength='{MAX_NOTE_CHARS}' aria-label='{what}' "
        f"placeholder='{what}' value='{esc(turn.note)}' data-note='{place}:{turn.rating}'>"
        f"<button type='button' class='pq-link' data-keep='{place}'>{'Change note' if turn.note else 'Keep note'}"
        "</button><p class='pq-hint' role='status'>Kept on this machine; nothing is sent.</p></div>"
    )
