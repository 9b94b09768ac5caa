"""The page as a whole: head, three tabs, named endpoints."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import gradio as gr

from . import ask_tab, chooser, documents_tab, endpoints
from .desks import Desks
from .html.panels import about_panel, head_panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conversations import Conversations
    from .desk import Desk

TITLE = "Partnership Q&A"


def static(name: str) -> str:
    """A file of `static/` as text."""
    return (resources.files(__package__) / "static" / name).read_text("utf-8")


def words() -> gr.I18n:
    """Words that gradio says by the names of its own keys, as it has none for them in English."""
    return gr.I18n(en={"common.upload": "Upload more", "common.complete": "Done"})


def style() -> str:
    """The page's own style."""
    return static("style.css") + static("within.css")


def script() -> str:
    """What the page does in the browser."""
    return static("page.js") + static("within.js") + static("kept.js")


def theme() -> gr.themes.Base:
    """One accent on calm greys, with the fonts that the machine has: none is fetched."""
    accent = gr.themes.Color(
        "#effaf8", "#d3f2ec", "#a8e4da", "#72cfc2", "#3fb3a5", "#1f988b", "#147a71", "#12625b", "#134f4a", "#13423e",
        "#05302d",
    )  # fmt: skip
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
    mono = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
    return gr.themes.Base(
        primary_hue=accent, secondary_hue=accent, neutral_hue="slate", font=fonts, font_mono=mono, radius_size="md"
    ).set(
        button_primary_background_fill="*primary_600", button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600", button_primary_background_fill_hover_dark="*primary_700",
        button_primary_text_color="white", button_primary_text_color_dark="white",
        block_label_text_color="*neutral_600", block_label_text_color_dark="*neutral_300",
        block_title_text_color="*neutral_600", block_title_text_color_dark="*neutral_300",
        block_background_fill_dark="#17202a",
        border_color_primary_dark="#2f3b47",
        block_border_color_dark="#2f3b47",
        input_background_fill_dark="#0f161d",
        button_secondary_background_fill="#e8edf1",
        button_secondary_background_fill_dark="#2a3642",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        body_background_fill="*neutral_50", body_background_fill_dark="*neutral_950",
    )  # fmt: skip


def build(desk: Desk, store: Callable[[], Conversations] | None = None) -> gr.Blocks:
    """Lay out the page.

    Args:
        desk: what it answers from.
        store: gives what keeps the conversations about the index in use; `None` where the page is not for its owner
            alone, who may see them.

    """
    blocks = gr.Blocks(
        title=TITLE, fill_height=True, fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    )
    with blocks:
        head = gr.HTML(head_panel(desk.index), elem_id="pq-head")
        collections = chooser.build(desk) if isinstance(desk, Desks) and desk.choosable else None
        with gr.Tabs():
            with gr.Tab("Ask", id="ask"):
                ask = ask_tab.build(desk, store)
            with gr.Tab("Documents", id="documents"):
                documents = documents_tab.build(desk, head, [*ask.examples, ask.tree])
            with gr.Tab("About", id="about"):
                about = gr.HTML(about_panel(desk.index))
        refreshing = _wire(blocks, desk, ask, documents, about)
        if collections is not None:
            chooser.wire(blocks, collections, [*ask.emptied, refreshing], ask.starts)
        endpoints.add(desk)
    return blocks


def _wire(
    page: gr.Blocks, desk: Desk, ask: ask_tab.AskTab, documents: documents_tab.DocumentsTab, about: gr.HTML
) -> tuple[Any, list[Any]]:
    """Wire what a load of the page and a build change; what draws all of that anew, and where."""
    changed = documents.changed

    def refresh() -> list[Any]:
        return [
            *documents_tab.refresh(desk),
            *ask_tab.example_updates(desk),
            ask_tab.tree_update(desk),
            about_panel(desk.index),
        ]

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
    page.load(refresh, None, [*changed, about], **quiet)
    for report in documents.reports:
        report.change(refresh, None, [*changed, about], **quiet)
    if ask.kept is not None:
        page.load(ask.kept[0], None, ask.kept[1], **quiet)
    linked, inputs, options = ask.deep_link
    loading: Any = page.load(linked, inputs, **options)
    ask.question.stop(None, cancels=[loading])
    return refresh, [*changed, about]
