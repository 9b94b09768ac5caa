"""A follow-up and its history to a question that stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def complete(question: str, history: Sequence[Mapping[str, object]]) -> str | None:
    """The question completed from the conversation, or `None` where it stands on its own."""
    del question, history
    return None
