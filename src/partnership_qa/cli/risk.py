"""`partnership-qa risk`: how often answers from a collection are wrong, and from which confidence on to show them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import CollectionOption, HomeOption, IndexOption, JsonOption, Progress, plain

if TYPE_CHECKING:
    from pathlib import Path

    from ..evaluation.card import Card

AtMostOption = Annotated[float, typer.Option(min=0.01, max=0.5, help="Share of what is shown that may be wrong.")]


def risk(
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    at_most: AtMostOption = 0.05,
    questions: Annotated[int, typer.Option(min=20, max=2000, help="How many questions to make at most.")] = 120,
    unanswerable: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of what people ask that the texts do not answer.")
    ] = 0.2,
    as_json: JsonOption = False,
) -> None:
    """Ask a collection questions that are made from its own texts, and keep a risk card with the index.

    Answers that were judged on the page count too. Leaves with 1 where no threshold keeps what may be wrong.
    """
    from ..evaluation.card import table, told

    card = measured(index, collection, home, at_most, questions, unanswerable)
    if as_json:
        typer.echo(json.dumps(card.to_dict(), indent=1))
    else:
        for line in (*told(card), "", *table(card)):
            typer.echo(plain(line))
        if card.threshold is not None:
            typer.echo('\nto use it: partnership-qa ask "..." --threshold card')
    if card.threshold is None:
        raise typer.Exit(1)


def measured(
    index: Path | None,
    collection: str | None,
    home: Path | None,
    at_most: float,
    questions: int = 120,
    unanswerable: float = 0.2,
) -> Card:
    """Measure an index and keep its card beside it."""
    from ..evaluation.card import judged_questions, keep, measure
    from ..home import load
    from ..web.labels import labels_of

    qa = load(index, collection=collection, home=home, progress=Progress())
    judged = judged_questions(labels_of(qa.index.root).content(qa.index))
    card = measure(qa, at_most, judged=judged, count=questions, unanswerable=unanswerable, progress=_tell)
    keep(card, qa.index.root)
    return card


def _tell(done: int, whole: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + ("" if done == whole else f"asking {done}/{whole}"))
        sys.stderr.flush()
