"""`--threshold`: the confidence below which is declined, as a number or as the collection's own risk card sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import QuestionError

if TYPE_CHECKING:
    from pathlib import Path

    from ..qa import QA

CARD = "card"
ThresholdOption = Annotated[
    str | None,
    typer.Option(
        "--threshold", metavar="NUMBER|card",
        help="Decline below this confidence, from 0 to 1, or below that of the collection's own risk card "
        "(partnership-qa risk); the default is calibrated.",
    ),
]  # fmt: skip


def threshold_of(given: str | None) -> float | str | None:
    """A threshold in [0, 1], `CARD`, or `None` where none is given.

    Raises:
        QuestionError: it is neither.

    """
    if given is None or given == CARD:
        return given
    try:
        number = float(given)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise QuestionError(f"--threshold takes a number from 0 to 1, or card, and not {given!r}.")
    return number


def with_threshold(qa: QA, threshold: float | str | None, signers: Path | None = None) -> tuple[QA, float | None]:
    """The same with its card's threshold where that is meant, and the number for `QA.answer` where one was given.

    Raises:
        CorpusIndexError: the index has no card of the version in use, or its card found no threshold.
        IndexSignatureError: signers are named, and none of them signed the card.

    """
    if not isinstance(threshold, str):
        return qa, threshold
    from ..evaluation.card import with_card

    return with_card(qa, signers), None
