"""Draws what a run sees: which question beside which passage, and in what form. Everything follows from the seed."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from data import count_pieces, cut
from layout import lay_out
from settings import SETTINGS

if TYPE_CHECKING:
    from data import Pool, Question
    from layout import Row
    from settings import Stage

    from partnership_qa.chunking import Passage

WINDOWED = 0.4  # share of the passages of which only a window is shown
NO_MARK, NO_OPENING, SLIP = 0.3, 0.06, 0.05  # shares of the questions that are put as people type them
LEADS = (
    "",
    "They are:",
    "The following apply:",
    "These include:",
    "Overview of the points:",
    "In short:",
    "Main points:",
)
_OPENING = re.compile(r"^(?:what|which|who) (?:is|are|was|were|does|did) (?:the |a |an )?", re.IGNORECASE)


class Renderer:
    """The plan of a stage and its rows."""

    def __init__(self, pool: Pool, stage: Stage) -> None:
        self.pool, self.seed, self.stage = pool, f"{SETTINGS.seed} {stage.name}", stage
        self.several: dict[str, list[int]] = {}
        for number, question in enumerate(pool.questions):
            if len(question.spans) > 1:
                self.several.setdefault(question.source, []).append(number)

    def plan(self, round_: int) -> list[tuple[str, int]]:
        """What one round shows, in order: (how, number of the question)."""
        rng = random.Random(f"{self.seed} plan {round_}")
        plan: list[tuple[str, int]] = []
        for number, question in enumerate(self.pool.questions):
            source = SETTINGS.source(question.source)
            share = self.stage.written if source.file == "written" else self.stage.others
            if rng.random() < source.views * share:
                listed = len(question.spans) > 2 and rng.random() < source.listed
                plan.append(("listed" if listed else "plain", number))
                if question.wrong and rng.random() < source.wrong:
                    plan.append(("wrong", number))
        rng.shuffle(plan)
        return plan

    def row(self, how: str, number: int, round_: int) -> Row:
        """One row of the plan."""
        rng = random.Random(f"{self.seed} row {round_} {how} {number}")
        question = self.pool.questions[number]
        text = typed(question.text, rng)
        if how == "listed":
            return self._listed(text, question, rng)
        if how == "wrong":
            near = question.wrong[min(int(rng.expovariate(0.6)), len(question.wrong) - 1)]
            passage = self.pool.passages[near]
            return lay_out(text, passage, only=window(passage, [], rng))
        passage = self.pool.passages[question.passage]
        units = question.lines or SETTINGS.source(question.source).labels == "units"
        return lay_out(text, passage, question.spans, window(passage, question.spans, rng), learn_spans=not units)

    def _listed(self, text: str, question: Question, rng: random.Random) -> Row:
        """Several answers as a list, at times with another question's list above or below it."""
        lists = [self._items(question)]
        if rng.random() < 0.5:
            lists.append(self._items(self.pool.questions[rng.choice(self.several[question.source])]))
        order = list(range(len(lists)))
        rng.shuffle(order)
        parts = [f"# {rng.choice(['Overview', 'Details', 'Notes', 'Summary'])}"]
        for which in order:
            lead = rng.choice(LEADS) or ("Others:" if parts else "")
            parts.append(f"{lead}\n\n" + "\n".join(f"- {item}" for item in lists[which]))
        passages = cut("\n\n".join(parts), "", ".md")
        passage = passages[0]
        wanted = set(lists[0])
        spans = [
            (unit.content.start, unit.end) for unit in passage.units
            if passage.between(unit.content.start, unit.end) in wanted
        ]  # fmt: skip
        return lay_out(text, passage, spans)

    def _items(self, question: Question) -> list[str]:
        passage = self.pool.passages[question.passage]
        items = (" ".join(passage.between(a, b).split()) for a, b in question.spans)
        return list(dict.fromkeys(item[:1].upper() + item[1:] for item in items if item))


def typed(question: str, rng: random.Random) -> str:
    """A question as people type it: mostly as it stands, at times without its mark or opening, or with a slip."""
    if rng.random() < NO_MARK:
        question = question.rstrip("? ")
    if rng.random() < NO_OPENING:
        question = _OPENING.sub("", question) or question
    if rng.random() < SLIP and len(question) > 12:
        at = rng.randrange(4, len(question) - 2)
        question = question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    return question


def window(passage: Passage, spans: list[tuple[int, int]], rng: random.Random) -> range | None:
    """Units around what answers, about `window_tokens` of them; `None`, the whole passage, in most cases."""
    if rng.random() >= WINDOWED or len(passage.units) < 3:
        return None
    holding = [n for n, unit in enumerate(passage.units) if any(a < unit.end and unit.start < b for a, b in spans)]
    first, last = (holding[0], holding[-1]) if holding else (at := rng.randrange(len(passage.units)), at)
    costs = [count_pieces(passage.between(unit.start, unit.end)) for unit in passage.units]
    room = SETTINGS.view["window_tokens"] - sum(costs[first : last + 1])
    while room > 0 and (first > 0 or last < len(costs) - 1):
        back = last == len(costs) - 1 or (first > 0 and rng.random() < 0.5)
        first, last = (first - 1, last) if back else (first, last + 1)
        room -= costs[first if back else last]
    return range(first, last + 1)
