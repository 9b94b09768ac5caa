"""The cards of a conversation as HTML: question, answer, refusal, error, and what stands there while one waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answering.outcome import Answer, NoAnswer, Reason
from ..trace import Stage
from .footer import footer
from .markup import Mark, address, esc, marked, plural
from .refusals import refusal
from .source_view import rows_with_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..answering.citing import Citation
    from ..index import Source
    from .turns import Turn

_SURE = ((0.9, "Very sure"), (0.75, "Sure"), (0.5, "Fairly sure"), (0.0, "Not very sure"))
_DONE = {Stage.SEARCHING: "Searched", Stage.READING: "Read", Stage.COMPOSING: "Compared"}


def sure_words(confidence: float) -> str:
    """A confidence in words."""
    return next(words for least, words in _SURE if confidence >= least)


def question_card(question: str, *, last: bool = False) -> str:
    """What was asked; the last question can be asked again or edited."""
    acts = (
        "<span class='pq-acts'><button type='button' class='pq-link' data-do='edit'>Edit</button>"
        "<button type='button' class='pq-link' data-do='again'>Ask again</button></span>"
    )
    return f"<div class='pq-asked'><p class='pq-question' dir='auto'>{esc(question)}</p>{acts if last else ''}</div>"


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
    done = "".join(f"<li>{_DONE[one]} in {seconds * 1000:.0f} ms</li>" for one, seconds in spent.items())
    return (
        f"<div class='pq-card pq-waiting'><p role='status'>{doing}… <span class='pq-clock' aria-hidden='true'></span>"
        f"</p><span class='pq-bar'></span><span class='pq-bar pq-short'></span><ul class='pq-stages'>{done}</ul></div>"
    )


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
        return f"<article class='pq-card' data-turn='{place}'><p dir='auto'>{esc(turn.result.text)}</p></article>"
    if isinstance(turn.result, NoAnswer):
        kind, body = "pq-refused", refusal(place, turn, turn.result)
    else:
        kind, body = "pq-answered", _answer(place, turn, turn.result, sources)
    return f"<article class='pq-card {kind}' data-turn='{place}'>{_carried_over(turn, last=last)}{body}</article>"


def error_card(message: str) -> str:
    """Something that kept the question from being answered, in words that are fit to be shown."""
    return f"<div class='pq-card pq-error' role='alert'><p class='pq-title'>No answer</p><p>{esc(message)}</p></div>"


def _carried_over(turn: Turn, *, last: bool) -> str:
    """What the question took from the conversation, and a way to do without it."""
    if turn.asked != turn.question:
        shown = f"Understood as: <q dir='auto'>{esc(turn.asked)}</q>"
    elif turn.leaned:
        shown = "Searched with what was said before in mind"
    else:
        return ""
    act = "<button type='button' class='pq-link' data-do='alone'>Ask it on its own</button>" if last else ""
    return f"<p class='pq-understood'>{shown} {act}</p>"


def _answer(place: int, turn: Turn, result: Answer, sources: Mapping[str, Source]) -> str:
    lines = _lines(result)
    listed = len(lines) == len(result.citations) > 1 and all(_whole(cited) for cited in result.citations)
    if result.disagreement:
        body = _sides(place, result, sources)
    else:
        body = _list(place, result, sources) if listed else _words(place, result, lines, sources)
    sure = (
        f"Confidence {result.confidence:.2f}: of answers given with this confidence, about "
        f"{round(result.confidence * 100)} in 100 are right. Below {turn.threshold:.2f} an answer is declined."
    )
    return body + footer(place, turn, sure_words(result.confidence), sure)


def _cite(place: int, number: int) -> str:
    return (
        f"<a class='pq-n' href='#pq-source' data-cite='{place}:{number}' "
        f"aria-label='Show citation {number} in the source'>{number}</a>"
    )


def _said(result: Answer) -> list[str]:
    """The words of each citation that answer, in one line."""
    return [" ".join(" ".join(c.quote[s - c.start : e - c.start] for s, e in c.highlights).split())
            for c in result.citations]  # fmt: skip


def _lines(result: Answer) -> list[str]:
    """The parts of an answer; one where its line breaks are only those of the text it quotes."""
    lines, said = result.text.split("\n"), _said(result)
    parts = bool(result.note) or all(" ".join(line.split()) in said for line in lines)
    return lines if parts else [result.text]


def _whole(cited: Citation) -> bool:
    """Whether a quote is the answer as it stands, as an item of a list is, apart from its bullet."""
    return sum(end - start for start, end in cited.highlights) >= len(cited.quote) - 6


def _words(place: int, result: Answer, lines: list[str], sources: Mapping[str, Source]) -> str:
    """The answer's words, one line for each part of the question, then the quotes that they come from, then others."""
    said = _said(result)
    shown, used = [], set()
    for line in lines:
        plain = " ".join(line.split())
        own = [n for n, words in enumerate(said, 1) if words == plain] or ([1] if len(lines) == 1 else [])
        used.update(own)
        shown.append(f"<p class='pq-answer' dir='auto'>{esc(plain)} {''.join(_cite(place, n) for n in own)}</p>")
    quotes = {n: _quote(place, n, cited, sources) for n, cited in enumerate(result.citations, 1)}
    note = f"<p class='pq-note'>{esc(result.note)}</p>" if result.note else ""
    own_quotes = [quote for n, quote in quotes.items() if n in used or not used]
    others = [quote for n, quote in quotes.items() if used and n not in used]
    also = f"<p class='pq-note'>Also quoted</p>{_quotes(others)}" if others else ""
    return f"{''.join(shown)}{note}{_quotes(own_quotes)}{also}"


def _quotes(quotes: list[str]) -> str:
    return f"<ol class='pq-quotes' aria-label='{plural(len(quotes), 'quote')}'>{''.join(quotes)}</ol>"


def _sides(place: int, result: Answer, sources: Mapping[str, Source]) -> str:
    """Places that answer differently, side by side, each with its own words above its quote."""
    sides = "".join(
        f"<li><p class='pq-answer' dir='auto'>{esc(words)} {_cite(place, n)}</p>"
        f"<ol class='pq-quotes'>{_quote(place, n, cited, sources)}</ol></li>"
        for n, (words, cited) in enumerate(zip(_said(result), result.citations, strict=True), 1)
    )
    return f"<p class='pq-note'>{esc(result.note)}</p><ul class='pq-sides'>{sides}</ul>"


def _quote(place: int, number: int, cited: Citation, sources: Mapping[str, Source]) -> str:
    source = sources.get(cited.document)
    table = ""
    if source is not None and source.sha256 == cited.sha256:
        marks = [Mark(s, e, "answer") for s, e in cited.highlights]
        table = rows_with_header(source, [(cited.start, "")], marks)
    # The quote carries its own characters, so that an earlier answer reads the same after a rebuild.
    marks = [Mark(s - cited.start, e - cited.start, "answer") for s, e in cited.highlights]
    words = table or f"<blockquote dir='auto'>{marked(cited.quote, 0, len(cited.quote), marks)}</blockquote>"
    where = address(cited.section, cited.document, cited.line, cited.page)
    return (
        f"<li><span class='pq-num' aria-hidden='true'>{number}</span><div>{words}"
        f"<a class='pq-addr' href='#pq-source' data-cite='{place}:{number}'>{where}</a></div></li>"
    )


def _list(place: int, result: Answer, sources: Mapping[str, Source]) -> str:
    first = result.citations[0]
    source = sources.get(first.document)
    items = ""
    if source is not None and source.sha256 == first.sha256:
        items = rows_with_header(source, [(c.start, _cite(place, n)) for n, c in enumerate(result.citations, 1)])
    if not items:
        items = "".join(_item(place, number, cited) for number, cited in enumerate(result.citations, 1))
        items = f"<ul class='pq-items'>{items}</ul>"
    where = address(first.section, first.document, first.line, first.page)
    return (
        f"<p class='pq-note'>{esc(result.note)}</p>{items}"
        f"<a class='pq-addr' href='#pq-source' data-cite='{place}:1'>{where}</a>"
    )


def _item(place: int, number: int, cited: Citation) -> str:
    words = " ".join(cited.quote[s - cited.start : e - cited.start] for s, e in cited.highlights)
    return f"<li dir='auto'><mark class='pq-answer'>{esc(' '.join(words.split()))}</mark> {_cite(place, number)}</li>"
