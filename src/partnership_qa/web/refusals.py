"""A refusal as HTML: what was searched, what is missing, what came nearest, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answering.outcome import NoAnswer, Reason
from .footer import footer
from .markup import address, esc, plural

if TYPE_CHECKING:
    from ..retrieval import Hit
    from .turns import Turn

_SNIPPET = 220
_WHY = {
    Reason.NOTHING_RELATED: "Nothing in the text is related to this question.",
    Reason.NOT_ANSWERED: "Related passages were read, but none of them answers the question.",
    Reason.DOUBTFUL: "There is a candidate, but it is too doubtful to be shown as an answer.",
}


def refusal(place: int, turn: Turn, result: NoAnswer) -> str:
    """The body of the card of a question that was declined, with its footer."""
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
    sure = (
        f"The best candidate had confidence {result.confidence:.2f}; an answer is given from {turn.threshold:.2f} on."
    )
    return (
        f"<p class='pq-title'>Not in the text</p><p>{_WHY[result.reason]} Searched: {searched}.</p>"
        f"{unknown}{nearest}<h3>What to try</h3><ul class='pq-tips'>{tips}</ul>"
        f"{footer(place, turn, 'How sure?', sure)}"
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
