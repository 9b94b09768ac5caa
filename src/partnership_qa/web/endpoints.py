"""The four named endpoints for programs: `/ask`, `/search`, `/rebuild`, `/index`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr
from gradio.events import api

from ..errors import EmptyCorpusError, PartnershipQAError, QuestionError
from ..integrations.metadata import hit_values, outcome_values
from ..question.history import checked_history
from ..selection import checked_patterns
from ..sources import SUFFIXES
from .api.service import described
from .desk import MAX_PASSAGES, Desk
from .documents_tab import ADD, REPLACE, WRITE, bar
from .failures import public_message
from .intake import receive

T = TypeVar("T")
_log = logging.getLogger(__name__)


def add(desk: Desk) -> None:
    """Add the endpoints to the page; called inside its `gr.Blocks`."""

    def ask(
        question: str, history: list[dict[str, Any]] | None = None, documents: list[str] | None = None
    ) -> dict[str, Any]:
        """Answer a question in the text's own words, or decline; the same JSON as `partnership-qa ask --json`.

        What was said before is a list of messages, oldest first: {"role": "user" or "assistant", "content": "..."}.
        Documents are names, folders or patterns of the documents to ask within; without any, all are asked.
        """
        return _answered(lambda: asked(desk, question, history, documents))

    def search(query: str, k: int = 5, documents: list[str] | None = None) -> list[dict[str, Any]]:
        """The k best passages for a query, best first, with their similarity, lexical and fused scores.

        Documents are names, folders or patterns of the documents to search; without any, all are searched.
        """
        return _answered(lambda: found(desk, query, k, documents))

    def index() -> dict[str, Any]:
        """What is indexed: generation, encoder, counts, and each document with its hash."""
        return describe(desk)

    api(ask, api_name="ask", concurrency_limit=4, concurrency_id="ask")
    api(search, api_name="search", concurrency_limit=4, concurrency_id="ask")
    api(index, api_name="index", queue=False)
    _rebuild(desk)


def asked(desk: Desk, question: str, history: object = None, documents: object = None) -> dict[str, Any]:
    """The outcome of a question as plain values.

    Raises:
        QuestionError: the question, the history or the documents have another form, or there is no such document.

    """
    before = [] if history is None else checked_history(history)
    qa = desk.qa()
    return outcome_values(qa.trace(question, history=before, documents=_patterns(documents)), qa.index)


def found(desk: Desk, query: str, k: int, documents: object = None) -> list[dict[str, Any]]:
    """The best passages for a query as plain values.

    Raises:
        QuestionError: the query, `k` or the documents have another form, or there is no such document.

    """
    if not isinstance(k, int) or not 1 <= k <= MAX_PASSAGES:
        raise QuestionError(f"k is a whole number from 1 to {MAX_PASSAGES}, not {k!r}.")
    qa = desk.qa()
    return [hit_values(hit, qa.index) for hit in qa.search(query, k=k, documents=_patterns(documents))]


def _patterns(documents: object) -> tuple[str, ...]:
    """The documents to ask within; nothing given means all of them."""
    return () if documents is None else checked_patterns(documents)


def _answered(work: Callable[[], T]) -> T:
    """What the work gives; what goes wrong on purpose in words that are fit to be shown."""
    try:
        return work()
    except PartnershipQAError as error:
        raise gr.Error(public_message(error), print_exception=False) from None


def describe(desk: Desk) -> dict[str, Any]:
    """What is indexed, as plain values."""
    return described(desk.index)


def _rebuild(desk: Desk) -> None:
    """`/rebuild` takes uploads, so it hangs on components of its own, which are never shown."""
    with gr.Column(visible=False):
        text = gr.Textbox(label="Text", value="")
        name = gr.Textbox(label="Name of the text", value="")
        mode = gr.Radio(["add", "replace"], value="add", label="Mode")
        files = gr.File(label="Files", file_count="multiple", file_types=list(SUFFIXES), value=None)
        report = gr.JSON(label="Report")
        button = gr.Button("Rebuild")

    def rebuild(
        text: str = "", name: str = "", mode: str = "add", files: list[str] | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> dict[str, Any]:  # fmt: skip
        intake = receive(files, text, name)
        if not intake.texts:
            reasons = "; ".join(f"{given}: {reason}" for given, reason in intake.refused)
            raise gr.Error(f"Give a text or files. {reasons}".strip(), print_exception=False)
        replace = {"add": ADD, "replace": REPLACE}.get(mode, ADD) == REPLACE
        try:
            built = desk.change(intake.texts, replace=replace, progress=bar(progress))
        except EmptyCorpusError as error:
            reasons = "; ".join(f"{skipped}: {reason}" for skipped, reason in error.skipped)
            raise gr.Error(f"{public_message(error)} {reasons}".strip(), print_exception=False) from None
        except PartnershipQAError as error:
            _log.warning("The index was not changed: %s", error)
            raise gr.Error(public_message(error), print_exception=False) from None
        refused = [{"name": given, "reason": reason} for given, reason in intake.refused]
        return built.to_dict() | {"refused": refused}

    button.click(
        rebuild, [text, name, mode, files], report, api_name="rebuild", **WRITE,
        api_description="Add texts to the index, or replace it with them; the running page answers from it at once.",
    )  # fmt: skip
