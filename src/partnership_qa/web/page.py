"""The page as a whole: head, three tabs, named endpoints."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import gradio as gr

from . import ask_tab, documents_tab, endpoints
from .html.panels import about_panel, head_panel

if TYPE_CHECKING:
    from .desk import Desk

TITLE = "Partnership Q&A"


def static(name: str) -> str:
    """A file of `static/` as text."""
    return (resources.files(__package__) / "static" / name).read_text("utf-8")


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


def build(desk: Desk) -> gr.Blocks:
    """Lay out the page."""
    blocks = gr.Blocks(
        title=TITLE, fill_height=True, fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    )
    with blocks:
        head = gr.HTML(head_panel(desk.index), elem_id="pq-head")
        with gr.Tabs():
            with gr.Tab("Ask", id="ask"):
                ask = ask_tab.build(desk)
            with gr.Tab("Documents", id="documents"):
                documents = documents_tab.build(desk, head, ask.examples)
            with gr.Tab("About", id="about"):
                about = gr.HTML(about_panel(desk.index))
        _wire(blocks, desk, ask, documents, about)
        endpoints.add(desk)
    return blocks


def _wire(
    page: gr.Blocks, desk: Desk, ask: ask_tab.AskTab, documents: documents_tab.DocumentsTab, about: gr.HTML
) -> None:
    report, changed = documents.changed

    def refresh() -> list[Any]:
        return [*documents_tab.refresh(desk), *ask_tab.example_updates(desk), about_panel(desk.index)]

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
    page.load(refresh, None, [*changed, about], **quiet)
    report.change(refresh, None, [*changed, about], **quiet)
    linked, inputs, options = ask.deep_link
    loading: Any = page.load(linked, inputs, **options)
    ask.question.stop(None, cancels=[loading])
