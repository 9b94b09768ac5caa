"""The Documents tab: what is indexed, and how it is changed while the chat goes on."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from ..errors import PartnershipQAError
from ..evaluation.card import kept
from ..index import list_generations, when
from ..pace import Pace
from ..qa import MAX_QUESTION_CHARS
from ..sources import SUFFIXES
from .desk import TEXTS, Desk
from .failures import public_message
from .html.panels import (
    bench_head,
    documents_panel,
    generations_panel,
    head_panel,
    help_panel,
    notice_panel,
    problem_panel,
    replace_question,
    report_panel,
)
from .html.risk import risk_panel
from .html.why import hits_table
from .intake import MAX_PASTED_CHARS, receive
from .own_texts import own_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..evaluation.card import Card
    from ..index import BuildReport, Progress

_log = logging.getLogger(__name__)
ADD, REPLACE = "Add to what is there", "Replace what is there"
WRITE: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "write"}
_UPLOADS: tuple[tuple[str, Literal["multiple", "directory"], str], ...] = (
    ("Files", "multiple", "pq-files"), ("Or a folder", "directory", "pq-folder"),
)  # fmt: skip
_STAGES = {
    "reading": "Reading the files", "embedding": "Comparing meanings",
    "lexical": "Counting words", "writing": "Writing the index", "done": "Done",
}  # fmt: skip


@dataclass(frozen=True)
class DocumentsTab:
    """The components that other parts of the page need.

    Attributes:
        reports: what a build, a removal or a way back came to, each below its own button; a change of one means that
            what is shown of the index may have changed.
        changed: what `refresh` fills.

    """

    reports: list[gr.HTML]
    changed: list[Any]


def bar(progress: gr.Progress) -> Progress:
    """A build's progress on gradio's bar."""
    pace = Pace()

    def tell(stage: str, done: int, total: int) -> None:
        words, left = _STAGES.get(stage, stage), pace.left(stage, done, total)
        words += f", {left}" if left else ""
        if stage == "embedding":
            progress((done, max(total, 1)), desc=words, unit="passages")
        else:
            progress({"reading": 0.0, "lexical": 0.95, "writing": 0.97}.get(stage, 1.0), desc=words)

    return tell


def _change(build: Callable[[], BuildReport], refused: Sequence[tuple[str, str]] = ()) -> str:
    """The report of a build as HTML, or why there was none; no message of a stranger's exception."""
    try:
        return report_panel(build(), refused)
    except PartnershipQAError as error:
        _log.warning("The index was not changed: %s", error)
        return problem_panel(public_message(error), refused)


def build(desk: Desk, head: gr.HTML, more: list[Any]) -> DocumentsTab:
    """Lay out the tab and wire it.

    Args:
        desk: what the page answers from.
        head: the head of the page, which says what is loaded.
        more: outputs that `refresh` fills after the tab's own (the example buttons).

    """
    with gr.Row(elem_id="pq-documents"):
        with gr.Column(scale=5, min_width=320):
            documents = gr.HTML(documents_panel(desk.index, {}), elem_id="pq-documents-html")
            chosen = gr.Dropdown(
                sorted(desk.index.sources), label="A document to remove", value=None, elem_id="pq-remove"
            )
            with gr.Row():
                remove = gr.Button("Remove it", size="sm", min_width=120)
                again = gr.Button("Read the folder again", size="sm", min_width=160)
            removed = _report("removed")
            generations = gr.HTML("", elem_id="pq-generations")
            back = gr.Button("Go back to the version before", size="sm")
            gone_back = _report("back")
            risk = gr.HTML("", elem_id="pq-risk")
        with gr.Column(scale=5, min_width=320):
            gr.HTML(help_panel(TEXTS))
            with gr.Row(elem_id="pq-uploads"):
                # Gradio passes over the files of a folder that are of another kind; the server looks again.
                files, folder = (
                    gr.File(label=label, file_count=count, file_types=list(SUFFIXES), height=134, elem_id=name)
                    for label, count, name in _UPLOADS
                )
            text = gr.Textbox(label="Or paste a text", lines=3, max_lines=12, max_length=MAX_PASTED_CHARS)
            title = gr.Textbox(label="Its name (optional)", max_length=100)
            mode = gr.Radio([ADD, REPLACE], value=ADD, label="What is indexed now")
            go = gr.Button("Build the index", variant="primary", elem_id="pq-build")
            built = _report("report")
            with gr.Column(visible=False, elem_id="pq-replace") as asking:
                question = gr.HTML("")
                with gr.Row():
                    sure = gr.Button("Replace them", variant="stop", size="sm", min_width=120)
                    not_sure = gr.Button("Keep them", size="sm", min_width=120)
    _bench(desk)
    reports = [built, removed, gone_back]
    given: list[Any] = [files, folder, text, title]
    for button, report, work, inputs, outputs in (
        (go, built, _adder(desk), [*given, mode], [*given, asking, question]),
        (sure, built, _replacer(desk), given, [*given, asking]),
        (remove, removed, _remover(desk), [chosen], []),
        (again, removed, _reader(desk), [], []),
        (back, gone_back, _backer(desk), [], []),
    ):
        others = [one for one in reports if one is not report]
        button.click(_emptied, None, others, api_visibility="private", show_progress="hidden", queue=False)
        button.click(work, inputs, [report, *outputs], api_visibility="private", show_progress_on=report, **WRITE)
    not_sure.click(lambda: gr.update(visible=False), None, asking, api_visibility="private", queue=False)
    return DocumentsTab(reports, [documents, chosen, head, generations, risk, *more])


def _report(name: str) -> gr.HTML:
    """Where it is told, below the button that was pressed, how far the work is and what it came to."""
    return gr.HTML("", elem_id=f"pq-{name}", elem_classes="pq-told")


def _emptied() -> tuple[str, str]:
    """What two other reports hold once a button is pressed: what they told is past."""
    return "", ""


def _adder(desk: Desk) -> Any:
    def add(
        files: list[str] | None,
        folder: list[str] | None,
        text: str,
        title: str,
        mode: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        stay = [gr.skip()] * 4
        replaced = sorted(filter(own_texts(desk.root).holds, desk.index.sources)) if mode == REPLACE else []
        if replaced and (files or folder or text.strip()):
            return "", *stay, gr.update(visible=True), replace_question(replaced)
        report, *emptied = _taken(desk, files, folder, text, title, progress, replace=mode == REPLACE)
        return report, *emptied, gr.update(visible=False), ""

    return add


def _replacer(desk: Desk) -> Any:
    def replace(
        files: list[str] | None,
        folder: list[str] | None,
        text: str,
        title: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        return *_taken(desk, files, folder, text, title, progress, replace=True), gr.update(visible=False)

    return replace


def _taken(
    desk: Desk,
    files: list[str] | None,
    folder: list[str] | None,
    text: str,
    title: str,
    progress: gr.Progress,
    *,
    replace: bool,
) -> tuple[Any, Any, Any, Any, Any]:
    """The report of a build from what was given, and what the fields for it hold afterwards."""
    intake = receive([*(files or ()), *(folder or ())], text, title)
    if not intake.texts:
        return problem_panel("Give a file or paste a text first.", intake.refused), None, None, gr.skip(), gr.skip()
    html = _change(lambda: desk.change(intake.texts, replace=replace, progress=bar(progress)), intake.refused)
    return html, None, None, "", ""


def _remover(desk: Desk) -> Any:
    def remove(name: str | None, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        if name not in desk.index.sources:
            return problem_panel("Choose a document first.")
        return _change(lambda: desk.change({}, drop=[str(name)], progress=bar(progress)))

    return remove


def _reader(desk: Desk) -> Any:
    def again(progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        return _change(lambda: desk.read_again(bar(progress)))

    return again


def _backer(desk: Desk) -> Any:
    def back() -> str:
        try:
            desk.go_back()
        except PartnershipQAError as error:
            _log.warning("The generation before was not taken: %s", error)
            return problem_panel("There is no version to go back to, or a build is at work.")
        built = f"Built {when(desk.index.generation.name)}"
        return notice_panel("The version before answers now", "Press again to undo it.", built)

    return back


def _bench(desk: Desk) -> None:
    """A search box with the ranked hits and their scores, to see what the index finds for a wording."""
    with gr.Column(elem_id="pq-bench"):
        gr.HTML(bench_head())
        query = gr.Textbox(label="Words or a question", submit_btn="Search", max_length=MAX_QUESTION_CHARS)
        found = gr.HTML("", elem_id="pq-found")

    def bench(words: str) -> str:
        try:
            return hits_table(desk.qa().search(words, k=10))
        except PartnershipQAError as error:
            return problem_panel(public_message(error))

    query.submit(bench, query, found, api_visibility="private", show_progress="hidden", concurrency_id="ask")


def _generations(desk: Desk) -> str:
    try:
        return generations_panel(list_generations(desk.root))
    except PartnershipQAError:
        return ""  # what is in memory answers; the next build makes it whole again


def _card(desk: Desk) -> Card | None:
    """The risk card of the index in use; none where it is not signed as it should be."""
    try:
        return kept(desk.index, desk.allowed_signers)
    except PartnershipQAError:
        return None


def refresh(desk: Desk) -> list[Any]:
    """What the components in `changed` show of the index in use."""
    index = desk.index
    choices = gr.update(choices=sorted(index.sources), value=None)
    return [
        documents_panel(index, desk.outdated()),
        choices,
        head_panel(index),
        _generations(desk),
        risk_panel(_card(desk)),
    ]
