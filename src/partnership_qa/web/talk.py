"""What happens in a conversation: a question is asked, again or edited, stopped, looked into, judged, saved."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..errors import PartnershipQAError, QuestionError
from ..qa import MAX_QUESTION_CHARS, READ_PASSAGES
from ..selection import Catalogue, checked_patterns
from .export import saved
from .failures import public_message
from .html import cards
from .html.kept import standing_line
from .html.panels import first_panel, source_panel
from .html.why import why_panel
from .html.within import chosen_line, turn_line
from .labels import MAX_NOTE_CHARS
from .turns import Turn, shown_question

if TYPE_CHECKING:
    from ..index import Store
    from ..selection import Selection
    from ..trace import Stage
    from .desk import Desk

MAX_TURNS = 100
# What a handler changes: the chat, the turns, the question's box, the source, the question that is being answered.
Changes = tuple[Any, Any, Any, Any, Any]
_ASKING: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}
_READY: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}


class Talk:
    """The handlers of the Ask tab; what they need to know of a conversation is handed to them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: tuple[Store, Catalogue] | None = None

    def respond(
        self,
        question: str,
        turns: list[Turn],
        k: float,
        threshold: float,
        within: Sequence[str] = (),
        edited: str = "",
    ) -> Iterator[Changes]:
        """Show the question and what is being done for it, then the answer with its source.

        Args:
            question: as typed.
            turns: the conversation.
            k: passages to read.
            threshold: how sure an answer must be.
            within: the documents to ask, as `QA.answer` takes them; all where there are none.
            edited: the place of the turn whose question it was before it was edited; empty where it is new.

        """
        kept, known = _before(turns, edited)
        yield from self._respond(question, kept, known, k, threshold, within)

    def _respond(
        self, question: str, turns: list[Turn], known: list[Turn], k: float, threshold: float, within: Sequence[str]
    ) -> Iterator[Changes]:
        """As `respond`; `known` are the turns that the question may lean on."""
        question = str(question)
        if not question.strip():
            gr.Info("Type a question first.", duration=3)
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        long = len(question) > MAX_QUESTION_CHARS
        asked = shown_question(question)
        empty = gr.update(value="", **_ASKING)
        steps = self._desk.asking(question, known, k=int(k), threshold=self._in_reach(threshold), documents=within)
        turn = yield from self._waiting(steps, turns, asked, empty, within)
        turns = [*turns, turn][-MAX_TURNS:]
        panel = source_panel(self._desk.index, turns, f"{len(turns) - 1}:") if turn.result else gr.skip()
        # One that is too long is in its box again, to be made shorter; what was typed meanwhile stays. A greeting has
        # no stages, in which the box would have been emptied.
        at_once = turn.trace is not None and not turn.trace.parts
        box = gr.update(**_READY) if not (long or at_once) else gr.update(value=question if long else "", **_READY)
        yield self.messages(turns), turns, box, panel, ""

    def _waiting(
        self, steps: Generator[Stage | None, None, Turn], turns: list[Turn], asked: str, box: Any, within: Sequence[str]
    ) -> Generator[Changes, None, Turn]:
        """Show each stage as it begins, with the time of those before; the turn in the end."""
        spent: dict[Stage, float] = {}
        selection = self._selection(within)
        count = len(selection.numbers) if selection is not None else len(self._desk.index.passages)
        try:
            stage = next(steps)
            while True:
                waiting = cards.waiting_card(stage, spent, count)
                yield self.messages(turns, asked, waiting, within), gr.skip(), box, gr.skip(), asked
                box = gr.skip()  # what is typed meanwhile stays
                began = time.perf_counter()
                after = next(steps)
                if stage is not None:
                    spent[stage] = spent.get(stage, 0.0) + time.perf_counter() - began
                stage = after
        except StopIteration as end:
            turn: Turn = end.value
            return turn

    def messages(
        self, turns: Sequence[Turn], asked: str = "", waiting: str = "", within: Sequence[str] = ()
    ) -> list[gr.ChatMessage]:
        """The conversation for the chat; all of it is HTML of ours, because the chat would render text as Markdown."""
        sources = self._desk.index.sources
        shown = []
        for place, turn in enumerate(turns):
            last = place == len(turns) - 1 and not asked
            question = cards.question_card(turn.question, None if asked else place)
            shown.append(_message("user", question + turn_line(turn.within)))
            card = cards.turn_card(place, turn, sources, last=last)
            shown.append(_message("assistant", standing_line(turn, self._desk.index) + card))
        if asked:
            shown.append(_message("user", cards.question_card(asked) + turn_line(within)))
            shown.append(_message("assistant", waiting))
        return shown

    def again(
        self, turns: list[Turn], k: float, threshold: float, within: Sequence[str] = (), place: str = ""
    ) -> Iterator[Changes]:
        """Ask a question again of the documents that are chosen now, the last one in its own place.

        `place` is that of its turn, by default the last; what was said before it counts, and not what came later.
        """
        place = str(place).partition("#")[0] or str(len(turns) - 1)
        turn = _turn(turns, place)
        if turn is not None:
            yield from self.respond(turn.question, turns, k, threshold, within, place)

    def alone(self, turns: list[Turn], k: float, threshold: float, within: Sequence[str] = ()) -> Iterator[Changes]:
        """Ask the last question again, in its own place and without what was said before it."""
        if turns:
            yield from self._respond(turns[-1].question, turns[:-1], [], k, threshold, within)

    def stopped(self, turns: list[Turn], asked: str, typed: str) -> Changes:
        """What stood there before the question that was stopped; it goes back into its box if that is empty."""
        return self.messages(turns), gr.skip(), gr.update(value=typed or asked, **_READY), gr.skip(), ""

    def clear(self) -> Changes:
        """A conversation without a turn."""
        return [], [], gr.update(value="", **_READY), first_panel(self._desk.index), ""

    def opened(self, turns: list[Turn]) -> Changes:
        """An earlier conversation, to be read and gone on with."""
        return self.messages(turns), turns, gr.update(value="", **_READY), first_panel(self._desk.index), ""

    def linked(self, turns: list[Turn], request: gr.Request) -> Iterator[Changes]:
        """Answer the question that the page's address carries, as `?q=`."""
        question = str(request.query_params.get("q", ""))
        if question.strip():
            yield from self.respond(question, turns, READ_PASSAGES, self._desk.threshold_shown)
        else:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()

    def _in_reach(self, threshold: float) -> float | None:
        """The slider's threshold; where it still stands as it was at first, the one in use to its last digit."""
        moved = abs(threshold - self._desk.threshold_shown) >= 1e-9
        return min(1.0, max(0.0, float(threshold))) if moved else None

    def first(self, turns: list[Turn], asked: str, chosen: str) -> Any:
        """What the index in use has to read, where nothing has been asked, is being answered, or was opened."""
        return gr.skip() if turns or asked or chosen else first_panel(self._desk.index)

    def choose(self, given: str, within: Sequence[str]) -> tuple[Any, Any]:
        """Take other documents to ask within, a list as the page's script writes it; what chooses none is refused."""
        try:
            patterns = checked_patterns(json.loads(given)["documents"])
            selection = self._catalogue().select(patterns) if patterns else None
        except (ValueError, KeyError, TypeError):
            return gr.skip(), gr.skip()
        except QuestionError as error:
            return gr.skip(), self.chosen(within, str(error))
        return patterns, chosen_line(patterns, selection, len(self._desk.index.sources))

    def choose_all(self) -> tuple[Any, Any]:
        """Ask within all documents."""
        return (), self.chosen(())

    def chosen(self, within: Sequence[str], problem: str = "") -> str:
        """What is chosen, as the index in use has it, and why something else was not taken."""
        return chosen_line(within, self._selection(within), len(self._desk.index.sources), problem)

    def _selection(self, within: Sequence[str]) -> Selection | None:
        """What is chosen; `None` where nothing is, or where the index no longer has it."""
        try:
            return self._catalogue().select(within) if within else None
        except QuestionError:
            return None

    def _catalogue(self) -> Catalogue:
        """The documents of the index in use, whether or not the models have been loaded."""
        index, known = self._desk.index, self._known
        if known is None or known[0] is not index:
            # Visitors of other collections may put theirs in its place at any moment.
            self._known = known = index, Catalogue(index)
        return known[1]

    def show(self, chosen: str, turns: list[Turn]) -> str:
        """What a pressed link shows beside the chat: a source at its quote, or how an answer came about."""
        pick = str(chosen).rpartition("#")[0] or str(chosen)
        number, _, place = pick.partition(":")
        turn = _turn(turns, number)
        return why_panel(turn, int(number)) if turn and place == "why" else source_panel(self._desk.index, turns, pick)

    def judge(self, given: str, turns: list[Turn]) -> tuple[Any, Any]:
        """Keep a judgement, `PLACE:RATING` and perhaps a note, as the page's script writes it.

        The same rating without a note takes it back.
        """
        try:
            said = json.loads(given)
            place, rating, note = str(said["place"]), str(said["rating"]), said.get("note")
        except (ValueError, KeyError, TypeError, AttributeError):
            return gr.skip(), gr.skip()
        turn = _turn(turns, place)
        if turn is None or turn.result is None or rating not in ("up", "down"):
            return gr.skip(), gr.skip()
        back = note is None and turn.rating == rating
        try:
            judged = self._desk.judge(turn, "" if back else rating, str(note or "")[:MAX_NOTE_CHARS])
        except PartnershipQAError as error:
            gr.Warning(public_message(error), duration=8)
            return gr.skip(), gr.skip()
        turns = [judged if one is turn else one for one in turns]
        return self.messages(turns), turns

    def export(self, kind: str, turns: list[Turn]) -> tuple[str, str]:
        """Name and text of a conversation as a file."""
        return saved(turns, kind)


def _turn(turns: Sequence[Turn], number: str) -> Turn | None:
    fits = number.isascii() and number.isdecimal() and len(number) < 6 and int(number) < len(turns)
    return turns[int(number)] if fits else None


def _before(turns: list[Turn], place: str) -> tuple[list[Turn], list[Turn]]:
    """The turns that stay when the question of one is asked anew, and those that it may lean on.

    The last one gives up its place; an earlier one stays, and the new one comes last.
    """
    place = str(place).partition("#")[0]
    if _turn(turns, place) is None:
        return turns, turns
    known = turns[: int(place)]
    return (known if int(place) == len(turns) - 1 else turns), known


def _message(role: Any, html: str) -> gr.ChatMessage:
    return gr.ChatMessage(role=role, content=[gr.HTML(html)])
