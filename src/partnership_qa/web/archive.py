"""Earlier conversations in the page: kept as they go on, listed, opened again, renamed, deleted."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..errors import ConversationError
from .failures import public_message
from .html.kept import kept_list
from .kept_turns import dumped, loaded, words_of
from .turns import Turn  # noqa: TC001 - gradio resolves the hints of its handlers

if TYPE_CHECKING:
    from .conversations import Conversations
    from .talk import Talk

_log = logging.getLogger(__name__)
_OPENED = 7  # outputs that an opened conversation fills: the five of `Talk`, the choice of documents and its line


class Archive:
    """The handlers of kept conversations; which one is open is handed to them."""

    def __init__(self, talk: Talk, store: Callable[[], Conversations]) -> None:
        """Take the handlers of the conversation, and what gives the store of the index in use."""
        self._talk, self._of_now = talk, store

    @property
    def _store(self) -> Conversations:
        return self._of_now()

    def remember(self, turns: list[Turn], current: str, words: str) -> tuple[Any, Any]:
        """Keep the conversation as it is now; its id, and the list. It goes on whether or not it can be kept."""
        if not turns:
            return gr.skip(), gr.skip()
        try:
            current = self._store.keep(current, [(dumped(turn), words_of(turn)) for turn in turns])
        except ConversationError as error:
            _log.warning("A conversation was not kept. %s", error)
            return gr.skip(), self._shown(words, current, public_message(error))
        return current, self.listed(words, current)

    def begin(self, words: str = "") -> tuple[Any, Any]:
        """A new conversation, which is kept with its first answer."""
        return "", self.listed(words)

    def listed(self, words: str = "", current: str = "") -> str:
        """The list of those that hold these words."""
        return self._shown(words, current, "")

    def act(self, given: str, current: str, words: str) -> tuple[Any, ...]:
        """Open, rename or delete a conversation, as the page's script writes it."""
        stay = [gr.skip()] * _OPENED
        try:
            asked = json.loads(given)
            what, name = str(asked["do"]), str(asked["id"])
            if what == "open":
                turns = [loaded(values) for values in self._store.turns(name)]
                within = turns[-1].within if turns else ()
                shown = (*self._talk.opened(turns), within, self._talk.chosen(within))
                return (*shown, name, self.listed(words, name)) if turns else (*stay, gr.skip(), self.listed(words))
            if what == "rename":
                self._store.rename(name, str(asked["title"]))
            elif what == "delete":
                self._store.delete(name)
                current = "" if name == current else current  # what is open goes on as a new one
        except ConversationError as error:
            _log.warning("A conversation was not found or changed. %s", error)
            return (*stay, gr.skip(), self._shown(words, current, public_message(error)))
        except (ValueError, KeyError, TypeError, IndexError):  # of another form, or written by another version
            return (*stay, gr.skip(), self._shown(words, current, "This conversation cannot be opened."))
        return (*stay, current, self.listed(words, current))

    def _shown(self, words: str, current: str, problem: str) -> str:
        found: Sequence[Any] = ()
        try:
            found = self._store.listed(words)
        except ConversationError as error:
            _log.warning("Conversations cannot be listed. %s", error)
            problem = public_message(error)
        return kept_list(found, words, current, problem)
