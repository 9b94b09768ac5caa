"""The Ask tab: the chat, the source beside it, example questions and settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..confidence import load_calibration
from ..qa import MAX_QUESTION_CHARS, READ_PASSAGES
from . import cards
from .desk import MAX_PASSAGES, Desk
from .examples import SHOWN
from .export import FORMATS
from .panels import source_panel
from .source_view import source_panel_empty
from .turns import Turn  # noqa: TC001 - gradio resolves the hints of its handlers
from .why import why_panel

_WELCOME = (
    "<div class='pq-welcome'><p class='pq-title'>Ask the text</p>"
    "<p>The answer comes in the text&rsquo;s own words, with the place they stand at.<br>"
    "What the text does not say is declined.</p></div>"
)
_MAX_TURNS = 100


@dataclass(frozen=True)
class AskTab:
    """The components that other parts of the page change."""

    question: gr.Textbox
    examples: list[gr.Button]
    deep_link: Any


def messages(turns: Sequence[Turn], desk: Desk, waiting: str = "") -> list[gr.ChatMessage]:
    """The conversation for the chat; every message is HTML of ours, because the chat would render text as Markdown."""
    sources = desk.index.sources
    shown = []
    for place, turn in enumerate(turns):
        shown.append(_message("user", cards.question_card(turn.question)))
        shown.append(_message("assistant", cards.turn_card(place, turn, sources)))
    if waiting:
        shown.append(_message("user", cards.question_card(waiting)))
        shown.append(_message("assistant", cards.waiting_card()))
    return shown


def _message(role: Any, html: str) -> gr.ChatMessage:
    return gr.ChatMessage(role=role, content=[gr.HTML(html)])


def build(desk: Desk) -> AskTab:
    """Lay out the tab and wire it; called inside the page's `gr.Blocks`."""
    turns = gr.State([])
    with gr.Row(elem_id="pq-ask", equal_height=True):
        with gr.Column(scale=6, min_width=320, elem_id="pq-talk"):
            chat = gr.Chatbot(
                label="Conversation", show_label=False, container=False, buttons=[], layout="panel", allow_tags=False,
                latex_delimiters=[], placeholder=_WELCOME, elem_id="pq-chat", height="100%", feedback_options=None,
                autoscroll=False,
            )  # fmt: skip
            with gr.Row(elem_id="pq-examples"):
                examples = _example_buttons(desk)
            question = gr.Textbox(
                label="Your question", placeholder="Ask something about the text", submit_btn="Ask", lines=1,
                max_lines=4, max_length=MAX_QUESTION_CHARS, autofocus=True, elem_id="pq-question",
            )  # fmt: skip
            with gr.Accordion("Settings and export", open=False, elem_id="pq-settings"):
                k, threshold = _settings()
                clear, save, kind = _tools()
        with gr.Column(scale=5, min_width=320, elem_id="pq-source"):
            source = gr.HTML(source_panel_empty(), elem_id="pq-source-html")
    pick = gr.Textbox(label="Citation shown", elem_id="pq-pick", elem_classes="pq-offstage", container=False)
    outputs = [chat, turns, question, source]
    respond = _responder(desk)
    shared: dict[str, Any] = {
        "outputs": outputs, "show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4,
        "concurrency_id": "ask", "trigger_mode": "once",
    }  # fmt: skip
    question.submit(respond, [question, turns, k, threshold], **shared)
    for button in examples:
        button.click(respond, [button, turns, k, threshold], **shared)
    clear.click(lambda: ([], [], "", source_panel_empty()), None, outputs, api_visibility="private", queue=False)
    pick.change(_shower(desk), [pick, turns], source, show_progress="hidden", api_visibility="private", queue=False)
    _wire_export(save, kind, turns)
    deep_link = (_linked(desk), [turns], shared)
    return AskTab(question, examples, deep_link)


def _shower(desk: Desk) -> Any:
    """What a pressed link shows beside the chat: a source at its quote, or why an answer came about."""

    def show(chosen: str, turns: list[Turn]) -> str:
        pick = str(chosen).partition("#")[0]
        number, _, place = pick.partition(":")
        if place == "why" and number.isdecimal() and int(number) < len(turns):
            turn = turns[int(number)]
            return why_panel(turn, desk.considered(turn))
        return source_panel(desk.index, turns, pick)

    return show


def _example_buttons(desk: Desk) -> list[gr.Button]:
    ready = desk.examples
    return [
        gr.Button(
            ready[n] if n < len(ready) else "", visible=n < len(ready), size="sm", min_width=60,
            elem_classes="pq-example",
        )
        for n in range(SHOWN)
    ]  # fmt: skip


def example_updates(desk: Desk) -> list[Any]:
    """The example buttons as the corpus in use suggests them."""
    ready = desk.examples
    return [gr.update(value=ready[n] if n < len(ready) else "", visible=n < len(ready)) for n in range(SHOWN)]


def _settings() -> tuple[gr.Slider, gr.Slider]:
    with gr.Row():
        k = gr.Slider(1, MAX_PASSAGES, READ_PASSAGES, step=1, label="Passages to read")
        threshold = gr.Slider(
            0.0, 1.0, round(load_calibration().threshold, 2), step=0.01, label="How sure must an answer be"
        )
        theme = gr.Radio(["System", "Light", "Dark"], value="System", label="Colours", elem_id="pq-theme")
    theme.change(None, theme, None, js="choice => window.pq.theme(choice)", api_visibility="private")
    return k, threshold


def _tools() -> tuple[gr.Button, gr.Button, gr.Dropdown]:
    with gr.Row(elem_id="pq-tools"):
        kind = gr.Dropdown(list(FORMATS), value="Markdown", label="Save the conversation as", min_width=140)
        save = gr.Button("Save", size="sm", min_width=80)
        clear = gr.Button("New conversation", size="sm", min_width=140)
    return clear, save, kind


def _wire_export(save: gr.Button, kind: gr.Dropdown, turns: gr.State) -> None:
    """The text goes to the browser, which saves it: no file is left on this machine."""
    name = gr.Textbox(visible="hidden", elem_classes="pq-offstage", label="File name")
    text = gr.Textbox(visible="hidden", elem_classes="pq-offstage", label="File")

    def export(chosen: str, asked: list[Turn]) -> tuple[str, str]:
        file, write = FORMATS.get(chosen, FORMATS["Markdown"])
        return file, write(asked)

    save.click(export, [kind, turns], [name, text], api_visibility="private", queue=False, show_progress="hidden").then(
        None, [name, text], None, js="(name, text) => window.pq.save(name, text)", api_visibility="private"
    )


def _responder(desk: Desk) -> Any:
    """The handler of a question: first the question with a card that waits, then the answer."""

    def respond(question: str, turns: list[Turn], k: float, threshold: float) -> Iterator[tuple[Any, ...]]:
        if not str(question).strip():
            gr.Info("Type a question first.", duration=3)
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        yield messages(turns, desk, str(question)[:MAX_QUESTION_CHARS]), gr.skip(), "", gr.skip()
        turn = desk.ask(str(question), turns, k=int(k), threshold=_in_reach(threshold))
        turns = [*turns, turn][-_MAX_TURNS:]
        panel = source_panel(desk.index, turns, f"{len(turns) - 1}:") if turn.result else gr.skip()
        yield messages(turns, desk), turns, "", panel

    return respond


def _in_reach(threshold: float) -> float | None:
    """The slider's threshold; where it still stands at the calibrated one, that one to its last digit."""
    calibrated = load_calibration().threshold
    return None if abs(threshold - round(calibrated, 2)) < 1e-9 else min(1.0, max(0.0, float(threshold)))


def _linked(desk: Desk) -> Any:
    """Answers the question that the page's address carries, as `?q=`."""
    respond = _responder(desk)

    def linked(turns: list[Turn], request: gr.Request) -> Iterator[tuple[Any, ...]]:
        question = str(request.query_params.get("q", ""))
        if question.strip():
            calibrated = round(load_calibration().threshold, 2)
            yield from respond(question, turns, READ_PASSAGES, calibrated)
        else:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()

    return linked
