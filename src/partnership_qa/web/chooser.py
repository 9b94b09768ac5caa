"""The chooser of a collection, above the tabs: the page answers from another index, and a new conversation begins."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..errors import PartnershipQAError
from ..library import collection_of, library_of
from .failures import public_message

if TYPE_CHECKING:
    from pathlib import Path

    from .desk import Desk

_log = logging.getLogger(__name__)
ALONE = "This index alone"


class Chooser:
    """What can be chosen; where the page was opened with an index that stands alone, that one too."""

    def __init__(self, desk: Desk) -> None:
        """Note what the page was opened with."""
        self._desk = desk
        self._library = library_of(desk.root)
        self._alone = desk.root if collection_of(desk.root) is None else None

    def choices(self) -> list[str]:
        """Names of the collections that have been built, in their order."""
        named = [one.name for one in self._library.collections() if one.built]
        return [*([ALONE] if self._alone is not None else []), *named]

    def chosen(self) -> str:
        """What answers now."""
        collection = collection_of(self._desk.root)
        return ALONE if collection is None else collection.name

    def updated(self, problem: str = "") -> Any:
        """The component as it is now; seen where there is a choice."""
        choices = self.choices()
        return gr.update(choices=choices, value=self.chosen(), visible=len(choices) > 1, info=problem or None)

    def use(self, name: str) -> Any:
        """Answer from what is chosen; where that cannot be, what was there still answers."""
        try:
            if name != self.chosen():
                self._desk.use(self._root(name))
        except PartnershipQAError as error:
            _log.warning("Another collection was not opened. %s", error)
            return self.updated(public_message(error))
        return self.updated()

    def _root(self, name: str) -> Path:
        if name == ALONE and self._alone is not None:
            return self._alone
        return self._library.collection(name).index


def build(desk: Desk) -> tuple[Chooser, gr.Dropdown]:
    """Lay out the chooser; called inside the page's `gr.Blocks`."""
    chooser = Chooser(desk)
    choices = chooser.choices()
    box = gr.Dropdown(
        choices, value=chooser.chosen(), label="Collection", container=False, visible=len(choices) > 1,
        elem_id="pq-collection",
    )  # fmt: skip
    return chooser, box


def wire(page: gr.Blocks, built: tuple[Chooser, gr.Dropdown], after: list[tuple[Any, list[Any]]]) -> None:
    """A choice opens the index, empties the conversation and draws what is shown of the index anew.

    Args:
        page: the page.
        built: what `build` gave.
        after: handlers that begin a new conversation and that draw anew, with what they fill.

    """
    chooser, box = built
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    done = box.input(chooser.use, box, box, concurrency_id="write", **quiet)
    for handler, outputs in after:
        done.then(handler, None, outputs, **quiet)
    page.load(chooser.updated, None, box, queue=False, **quiet)
