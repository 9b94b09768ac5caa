"""The cards of a conversation as HTML: question, answer, refusal, error, and what stands there while one waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answering import Answer, NoAnswer, Reason
from .export import turn_markdown
from .markup import Mark, address, esc, marked, plural
from .source_view import rows_with_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..citing import Citation
    from ..index import Source
    from ..retrieval import Hit
    from .turns import Turn

_SURE = ((0.9, "Very sure"), (0.75, "Sure"), (0.5, "Fairly sure"), (0.0, "Not very sure"))
_SNIPPET = 220

_WHY = {
    Reason.NOTHING_RELATED: "Nothing in the text is related to this question.",
    Reason.NOT_ANSWERED: "Related passages were read, but none of them answers the question.",
    Reason.DOUBTFUL: "There is a candidate, but it is too doubtful to be shown as an answer.",
}


def sure_words(confidence: float) -> str:
    """A confidence in words."""
    return next(words for least, words in _SURE if confidence >= least)


def question_card(question: str) -> str:
    """What was asked."""
    return f"<p class='pq-question' dir='auto'>{esc(question)}</p>"


def waiting_card() -> str:
    """What stands in the answer's place until it comes."""
    return (
        "<div class='pq-card pq-waiting' role='status'><p>Searching and reading the text…</p>"
        "<span class='pq-bar'></span><span class='pq-bar pq-short'></span></div>"
    )


def turn_card(place: int, turn: Turn, sources: Mapping[str, Source]) -> str:
    """The answer, the refusal or the error of the turn at `place` of the conversation.

    Args:
        place: number of the turn, from 0; the links of its citations carry it.
        turn: what came of the question.
        sources: of the index that is loaded; where one has changed since, a table is shown as plain text.

    """
    if turn.result is None:
        return error_card(turn.error)
    if isinstance(turn.result, NoAnswer):
        return _refusal(place, turn, turn.result)
    return _answer(place, turn, turn.result, sources)


def error_card(message: str) -> str:
    """Something that kept the question from being answered, in words that are fit to be shown."""
    return f"<div class='pq-card pq-error' role='alert'><p class='pq-title'>Not asked</p><p>{esc(message)}</p></div>"


def _why_link(place: int) -> str:
    return f"<a class='pq-link' href='#pq-source' data-cite='{place}:why'>Why</a>"


def _completed(turn: Turn) -> str:
    if turn.asked == turn.question:
        return ""
    return f"<p class='pq-understood'>Understood as: <q dir='auto'>{esc(turn.asked)}</q></p>"


def _answer(place: int, turn: Turn, result: Answer, sources: Mapping[str, Source]) -> str:
    lines = _lines(result)
    listed = len(lines) == len(result.citations) > 1 and all(_whole(cited) for cited in result.citations)
    body = _list(place, result, sources) if listed else _words(place, result, lines, sources)
    meta = f"{turn.seconds * 1000:.0f} ms"
    sure = (
        f"<details class='pq-sure'><summary>{sure_words(result.confidence)}</summary>"
        f"<p>Confidence {result.confidence:.2f}: of answers given with this confidence, about "
        f"{round(result.confidence * 100)} in 100 are right. Below {turn.threshold:.2f} an answer is declined.</p>"
        "</details>"
    )
    return (
        f"<article class='pq-card pq-answered' data-turn='{place}'>{_completed(turn)}{body}"
        f"<footer>{sure}<span class='pq-hint'>{meta}</span>"
        f"{_why_link(place)}<button type='button' class='pq-link' data-md='{esc(turn_markdown(turn))}'>"
        "Copy as Markdown</button>"
        "</footer></article>"
    )


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
    """The answer's words, one line for each part of the question, then the quotes that they come from."""
    said = _said(result)
    shown = []
    for line in lines:
        plain = " ".join(line.split())
        own = [n for n, words in enumerate(said, 1) if words == plain] if len(lines) > 1 else range(1, len(said) + 1)
        shown.append(f"<p class='pq-answer' dir='auto'>{esc(plain)} {''.join(_cite(place, n) for n in own)}</p>")
    quotes = "".join(_quote(place, n, cited, sources) for n, cited in enumerate(result.citations, 1))
    note = f"<p class='pq-note'>{esc(result.note)}</p>" if result.note else ""
    label = plural(len(result.citations), "quote")
    return f"{''.join(shown)}{note}<ol class='pq-quotes' aria-label='{label}'>{quotes}</ol>"


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


def _refusal(place: int, turn: Turn, result: NoAnswer) -> str:
    searched = f"{plural(turn.passages, 'passage')} of {plural(turn.documents, 'document')}"
    unknown = ""
    if result.unknown_words:
        words = " ".join(f"<li><bdi>{esc(word)}</bdi></li>" for word in result.unknown_words)
        unknown = f"<h3>Words that occur nowhere in the text</h3><ul class='pq-chips'>{words}</ul>"
    nearest = ""
    if result.nearest:
        hits = "".join(_near(place, number, hit) for number, hit in enumerate(result.nearest, 1))
        nearest = f"<h3>The nearest passages</h3><ol class='pq-quotes pq-nearest'>{hits}</ol>"
    tips = "".join(f"<li>{esc(tip)}</li>" for tip in _tips(result))
    return (
        f"<article class='pq-card pq-refused' data-turn='{place}'>{_completed(turn)}"
        f"<p class='pq-title'>Not in the text</p><p>{_WHY[result.reason]} Searched: {searched}.</p>"
        f"{unknown}{nearest}<h3>What to try</h3><ul class='pq-tips'>{tips}</ul>"
        f"<footer><details class='pq-sure'><summary>How sure?</summary><p>The best candidate had confidence "
        f"{result.confidence:.2f}; an answer is given from {turn.threshold:.2f} on.</p></details>"
        f"<span class='pq-hint'>{turn.seconds * 1000:.0f} ms</span>{_why_link(place)}</footer></article>"
    )


def _near(place: int, number: int, hit: Hit) -> str:
    text = " ".join(hit.passage.text.split())
    text = text if len(text) <= _SNIPPET else text[:_SNIPPET].rsplit(" ", 1)[0] + " …"
    where = address(hit.passage.section, hit.passage.document, hit.passage.line, hit.passage.page)
    return (
        f"<li><span class='pq-num' aria-hidden='true'>{number}</span><div>"
        f"<blockquote dir='auto'>{esc(text)}</blockquote>"
        f"<a class='pq-addr' href='#pq-source' data-cite='{place}:near{number}'>{where}</a></div></li>"
    )


def _tips(result: NoAnswer) -> list[str]:
    tips = []
    if result.unknown_words:
        tips.append("Use words that the text uses, or correct a spelling.")
    if result.reason is Reason.DOUBTFUL:
        tips.append("Ask more precisely: name the person, the thing or the year that you mean.")
        tips.append("Under Settings, ask for less certainty to see the doubtful candidate.")
    else:
        tips.append("Read the nearest passages: press one, and the text opens there.")
    tips.append("If another text should answer this, add it under Documents.")
    return tips
