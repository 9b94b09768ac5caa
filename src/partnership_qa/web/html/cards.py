"""The cards of a conversation: question, answer, refusal, error, and what stands there while one waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...answering.outcome import Answer, Kind, NoAnswer, Reason
from ...answering.quoted import ALSO, Quoted, quoted
from ...trace import Stage
from ..export import turn_markdown
from ..labels import MAX_NOTE_CHARS
from .marks import Mark
from .quotes import quotes_of, unchanged
from .rendering import plural, render
from .source_view import Row, rows_with_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...index import Source
    from ..turns import Turn

_SURE = ((0.9, "Very sure"), (0.75, "Sure"), (0.5, "Fairly sure"), (0.0, "Not very sure"))
_DONE = {Stage.SEARCHING: "Searched", Stage.READING: "Read", Stage.COMPOSING: "Compared"}
_WHY = {
    Reason.NOTHING_RELATED: "Nothing in the text is related to this question.",
    Reason.NOT_ANSWERED: "Related passages were read, but none of them answers the question.",
    Reason.DOUBTFUL: "There is a candidate, but it is too doubtful to be shown as an answer.",
}


def question_card(question: str, place: int | None = None) -> str:
    """What was asked; a question with a place in the conversation can be asked again or edited."""
    return render("question.html", question=question, place=place)


def waiting_card(stage: Stage | None, spent: Mapping[Stage, float], passages: int) -> str:
    """What stands in the answer's place until it comes.

    Args:
        stage: what is being done; `None` while the models are still coming.
        spent: seconds of the stages before.
        passages: how many are searched.

    """
    doing = {
        None: "Loading the models; this is done once", Stage.SEARCHING: f"Searching {plural(passages, 'passage')}",
        Stage.READING: "Reading the best ones", Stage.COMPOSING: "Comparing quotes with their sources",
    }[stage]  # fmt: skip
    return render("waiting.html", doing=doing, done=[(_DONE[one], seconds) for one, seconds in spent.items()])


def error_card(message: str) -> str:
    """Something that kept the question from being answered, in words that are fit to be shown."""
    return render("error.html", message=message)


def turn_card(place: int, turn: Turn, sources: Mapping[str, Source], *, last: bool = False) -> str:
    """The answer, the refusal or the error of the turn at `place` of the conversation.

    Args:
        place: number of the turn, from 0; the links of its citations carry it.
        turn: what came of the question.
        sources: of the index that is loaded; where one has changed since, a table is shown as plain text.
        last: whether it is the newest turn, which may be asked again without what was said before.

    """
    if turn.result is None:
        return error_card(turn.error)
    if isinstance(turn.result, NoAnswer) and turn.result.reason is Reason.NO_QUESTION:
        return render("reply.html", place=place, text=turn.result.text)
    if isinstance(turn.result, Answer):
        template, values = "answer.html", _answer(turn.result, sources)
    else:
        template, values = "refusal.html", _refusal(turn.result, sources)
    return render(
        "card.html", body=template, place=place, turn=turn, result=turn.result, last=last,
        markdown=turn_markdown(turn), max_note=MAX_NOTE_CHARS, **values,
    )  # fmt: skip


def sure_words(confidence: float) -> str:
    """A confidence in words."""
    return next(words for least, words in _SURE if confidence >= least)


def _answer(result: Answer, sources: Mapping[str, Source]) -> dict[str, object]:
    """What the card of an answer shows; the kind of the answer says as what."""
    shown = quoted(result)
    quotes = quotes_of(shown.all, sources)
    return {
        "look": "pq-answered", "summary": sure_words(result.confidence), "lines": shown.lines, "also": ALSO,
        "own": [quotes[number] for number in shown.own], "others": [quotes[number] for number in shown.others],
        "listed": shown.listed, "rows": _rows(shown, sources) if shown.listed and result.kind is Kind.ROWS else [],
    }  # fmt: skip


def _rows(shown: Quoted, sources: Mapping[str, Source]) -> list[Row]:
    """The rows that are quoted as one table, each with its number; none where the text has changed."""
    source = unchanged(shown.own[1], sources)
    if source is None:
        return []
    marks = [Mark(start, end, "answer") for cited in shown.own.values() for start, end in cited.highlights]
    starts = [cited.start for cited in shown.own.values()]
    return rows_with_header(source, starts, marks, list(shown.own), shown.own[1].columns)


def _refusal(result: NoAnswer, sources: Mapping[str, Source]) -> dict[str, object]:
    candidates = list(quotes_of(dict(enumerate(result.candidates, 1)), sources, "candidate", "cand").values())
    found = ((hit, sources.get(hit.passage.document)) for hit in result.nearest)
    nearest = [(hit, source.place(hit.passage.start) if source is not None else None) for hit, source in found]
    return {
        "nearest": nearest, "look": "pq-doubtful" if candidates else "pq-refused", "summary": "How sure?",
        "candidates": candidates,
        "title": "The closest passages" if candidates else "Not in the text",
        "why": result.text if candidates else _WHY[result.reason], "doubtful": result.reason is Reason.DOUBTFUL,
        "report": result.report.rows() if result.report is not None else [],
    }  # fmt: skip
