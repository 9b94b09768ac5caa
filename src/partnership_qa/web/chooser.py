"""The chooser of a collection, above the tabs: this page answers from another index, and a new conversation begins."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..errors import PartnershipQAError
from .failures import public_message

if TYPE_CHECKING:
    from .desks import Desks

_log = logging.getLogger(__name__)
# So that the page has it still when it is loaded again.
_REMEMBERED = "name => window.pq.collection(name)"
# Opening one may take seconds, in which what is on the page is still of the other.
_OPENING, _OPENED = "name => window.pq.opening(name)", "() => window.pq.opening('')"


class Chooser:
    """The handlers of the chooser; what one visitor chooses is nothing to the others."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    def updated(self, problem: str = "") -> Any:
        """The component as this visitor has it; seen where there is a choice."""
        choices = self._desks.names()
        return gr.update(choices=choices, value=self._desks.chosen(), visible=len(choices) > 1, info=problem or None)

    def use(self, name: str) -> Any:
        """Answer this visitor from what is chosen; where that cannot be, what was there still answers."""
        try:
            if name != self._desks.chosen():
                self._desks.choose(name)
        except PartnershipQAError as error:
            _log.warning("Another collection was not opened. %s", error)
            return self.updated(public_message(error))
        return self.updated()


def build(desks: Desks) -> tuple[Chooser, gr.Dropdown]:
    """Lay out the chooser; called inside the page's `gr.Blocks`."""
    chooser, choices = Chooser(desks), desks.names()
    box = gr.Dropdown(
        choices, value=desks.chosen(), label="Collection", container=False, visible=len(choices) > 1,
        elem_id="pq-collection",
    )  # fmt: skip
    return chooser, box


def wire(
    page: gr.Blocks, built: tuple[Chooser, gr.Dropdown], after: list[tuple[Any, list[Any]]], stopped: list[Any]
) -> None:
    """A choice opens the index, empties the conversation and draws what is shown of the index anew.

    Args:
        page: the page.
        built: what `build` gave.
        after: handlers that begin a new conversation and that draw anew, with what they fill.
        stopped: events of answers that are being given, which are stopped.

    """
    chooser, box = built
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    box.input(None, box, None, js=_OPENING, api_visibility="private")
    done = box.input(chooser.use, box, box, cancels=stopped, **quiet)
    done.then(None, box, None, js=_REMEMBERED, api_visibility="private")
    last = done
    for handler, outputs in after:
        last = last.then(handler, None, outputs, **quiet)
    last.then(None, None, None, js=_OPENED, api_visibility="private")
    page.load(chooser.updated, None, box, queue=False, **quiet)
