"""The Ask tab: the chat, the source beside it, example questions and settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..qa import READ_PASSAGES
from .archive import Archive
from .desk import MAX_PASSAGES, Desk
from .examples import SHOWN
from .export import FORMATS
from .html.panels import editing_line, first_panel, welcome
from .html.within import chosen_line, tree_panel
from .talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conversations import Conversations

# More than is read, so that what is too long is refused in words, and not cut in silence.
MAX_TYPED_CHARS = 100_000
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_NOW: dict[str, Any] = _QUIET | {"queue": False}
_ANSWER: dict[str, Any] = _QUIET | {"concurrency_limit": 4, "concurrency_id": "ask", "trigger_mode": "once"}


@dataclass(frozen=True)
class AskTab:
    """What other parts of the page change or call.

    Attributes:
        question, examples, tree: components.
        deep_link: what a load of the page does: handler, inputs and options.
        emptied: what begins a new conversation, and what that fills.
        kept: what lists the kept conversations, and where; `None` where none are kept.
        starts: events that give an answer.

    """

    question: gr.Textbox
    examples: list[gr.Button]
    tree: gr.HTML
    deep_link: Any
    emptied: list[tuple[Any, list[Any]]]
    kept: tuple[Any, gr.HTML] | None
    starts: list[Any]


def build(desk: Desk, store: Callable[[], Conversations] | None = None) -> AskTab:
    """Lay out the tab and wire it; called inside the page's `gr.Blocks`."""
    talk = Talk(desk)
    archive = Archive(talk, store) if store is not None else None
    turns, asked, within = gr.State([]), gr.State(""), gr.State(())
    with gr.Row(elem_id="pq-ask", equal_height=True):
        with gr.Column(scale=6, min_width=320, elem_id="pq-talk"):
            chat = gr.Chatbot(
                label="Conversation", show_label=False, container=False, buttons=[], layout="panel", allow_tags=False,
                latex_delimiters=[], placeholder=welcome(), elem_id="pq-chat", height="100%", feedback_options=None,
                autoscroll=False,
            )  # fmt: skip
            with gr.Row(elem_id="pq-examples"):
                examples = _example_buttons(desk)
            tree = gr.HTML(tree_panel(sorted(desk.index.sources)), elem_id="pq-tree")
            with gr.Row(elem_id="pq-above"):
                line = gr.HTML(chosen_line((), None, len(desk.index.sources)), elem_id="pq-within")
                clear = gr.Button("New conversation", size="sm", min_width=140, elem_id="pq-new")
            gr.HTML(editing_line(), elem_id="pq-editing")
            question = gr.Textbox(
                label="Your question", placeholder="Ask the text", submit_btn="Ask", lines=1,
                max_lines=4, max_length=MAX_TYPED_CHARS, autofocus=True, elem_id="pq-question",
            )  # fmt: skip
            with gr.Row(elem_id="pq-more"):
                words, listed = _kept(archive) if archive is not None else (None, None)
                with gr.Accordion("Settings and export", open=False, elem_id="pq-settings"):
                    k, threshold = _settings(desk.threshold_shown)
                    save, kind = _tools()
        with gr.Column(scale=5, min_width=320, elem_id="pq-source"):
            source = gr.HTML(first_panel(desk.index), elem_id="pq-source-html")
    outputs: list[Any] = [chat, turns, question, source, asked]
    how: list[Any] = [turns, k, threshold, within]
    edited = gr.Textbox(label="Question that is edited", visible="hidden", elem_id="pq-edited")
    starts: list[Any] = [question.submit(talk.respond, [question, *how, edited], outputs, **_ANSWER)]
    starts += [b.click(talk.respond, [b, *how], outputs, **_ANSWER) for b in examples]
    again, alone, pick, rate = _levers()
    starts.append(again.change(talk.again, [*how, again], outputs, **_ANSWER))
    starts.append(alone.click(talk.alone, how, outputs, **_ANSWER))
    question.stop(talk.stopped, [turns, asked, question], outputs, cancels=starts, **_NOW)
    clear.click(talk.clear, None, outputs, cancels=starts, **_NOW)
    pick.change(talk.show, [pick, turns], source, **_NOW)
    # In the queue, as a message of a handler outside it never arrives.
    rated = rate.change(talk.judge, [rate, turns], [chat, turns], **_QUIET)
    chosen = gr.Textbox(label="Documents to ask within", visible="hidden", elem_id="pq-within-pick")
    chosen.change(talk.choose, [chosen, within], [within, line], **_NOW)
    clear.click(talk.choose_all, None, [within, line], **_NOW)
    # The index has changed: what was chosen may be more or fewer documents now.
    tree.change(talk.chosen, within, line, **_NOW)
    tree.change(talk.first, [turns, asked, pick], source, **_NOW)
    _wire_export(talk, save, kind, turns)
    current = gr.State("") if archive is not None else None
    if archive is not None:
        _wire_archive(archive, [*starts, rated], clear, words, listed, turns, current, [*outputs, within, line])
    emptied: list[tuple[Any, list[Any]]] = [(talk.clear, outputs), (talk.choose_all, [within, line])]
    if archive is not None and current is not None:
        emptied.append((archive.begin, [current, listed]))
    kept = (archive.listed, listed) if archive is not None and listed is not None else None
    linked = talk.linked, [turns], {"outputs": outputs, **_ANSWER}
    return AskTab(question, examples, tree, linked, emptied, kept, starts)


def _kept(archive: Archive) -> tuple[gr.Textbox, gr.HTML]:
    with gr.Accordion("Earlier conversations", open=False, elem_id="pq-kept"):
        words = gr.Textbox(
            "", label="Find by words", placeholder="Find by words", container=False, max_length=200, max_lines=1
        )
        listed = gr.HTML(archive.listed(), elem_id="pq-kept-list")
    return words, listed


def _wire_archive(
    archive: Archive,
    ends: list[Any],
    clear: gr.Button,
    words: Any,
    listed: Any,
    turns: gr.State,
    current: Any,
    outputs: list[Any],
) -> None:
    """Every answer and every judgement is kept once it is there."""
    pick = gr.Textbox(label="Conversation", visible="hidden", elem_id="pq-kept-pick")
    for end in ends:
        end.then(archive.remember, [turns, current, words], [current, listed], **_NOW)
    clear.click(archive.begin, words, [current, listed], **_NOW)
    words.change(archive.listed, [words, current], listed, **_NOW)
    pick.change(archive.act, [pick, current, words], [*outputs, current, listed], **_NOW)


def _levers() -> tuple[gr.Textbox, gr.Button, gr.Textbox, gr.Textbox]:
    """What the page's script pulls when something in a card is pressed; never seen, and no stop of the Tab key."""
    again = gr.Textbox(label="Question asked again", visible="hidden", elem_id="pq-again")
    alone = gr.Button("Ask it on its own", visible="hidden", elem_id="pq-alone")
    pick = gr.Textbox(label="Citation shown", visible="hidden", elem_id="pq-pick")
    rate = gr.Textbox(label="Judgement", visible="hidden", elem_id="pq-rate")
    return again, alone, pick, rate


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


def tree_update(desk: Desk) -> str:
    """The tree of documents as the index in use has them."""
    return tree_panel(sorted(desk.index.sources))


def _settings(shown: float) -> tuple[gr.Slider, gr.Slider]:
    with gr.Row():
        k = gr.Slider(1, MAX_PASSAGES, READ_PASSAGES, step=1, label="Passages to read")
        threshold = gr.Slider(0.0, 1.0, shown, step=0.01, label="How sure must an answer be")
        theme = gr.Radio(["System", "Light", "Dark"], value="System", label="Colours", elem_id="pq-theme")
    theme.change(None, theme, None, js="choice => window.pq.theme(choice)", api_visibility="private")
    return k, threshold


def _tools() -> tuple[gr.Button, gr.Dropdown]:
    with gr.Row(elem_id="pq-tools"):
        kind = gr.Dropdown(list(FORMATS), value="Markdown", label="Save the conversation as", min_width=140)
        save = gr.Button("Save", size="sm", min_width=80)
    return save, kind


def _wire_export(talk: Talk, save: gr.Button, kind: gr.Dropdown, turns: gr.State) -> None:
    """The text goes to the browser, which saves it: no file is left on this machine."""
    name = gr.Textbox(visible="hidden", label="File name")
    text = gr.Textbox(visible="hidden", label="File")
    save.click(talk.export, [kind, turns], [name, text], **_NOW).then(
        None, [name, text], None, js="(name, text) => window.pq.save(name, text)", api_visibility="private"
    )
