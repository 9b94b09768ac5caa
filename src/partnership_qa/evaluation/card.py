"""A collection's risk card: measured on demand, kept beside the index, told as text and as a picture's points.

It lies in `RISK.json` in the index's folder, outside every generation, as no index is made of it: equal indexes keep
equal digests. It names the generation that was measured, and holds for no other.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CorpusIndexError
from ..index import read_signed
from ..index.generations import write_synced
from .made import UNANSWERABLE, made_questions
from .question_set import Question
from .risk import (
    MIN_SHOWN,
    QUESTIONS,
    Asked,
    Point,
    among,
    ask,
    chosen,
    clopper_pearson,
    curve,
    judgements_needed,
    relied_on,
)
from .shift import LEVEL, UNANSWERABLE_SHARE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..index import Store
    from ..qa import QA

CARD = "RISK.json"
FORMAT = 2
_NEXT = 50  # answers of which it is told how many may be wrong


@dataclass(frozen=True, slots=True)
class Card:
    """How often answers from a collection are wrong, by threshold.

    Attributes:
        generation, digest: what was measured.
        at_most: share wrong, in (0, 1), that the threshold is to keep.
        threshold: least confidence to show; `None` where none keeps it.
        kinds: how many questions of each kind were made.
        judged: how many questions that people judged count too.
        points: what each threshold would do, the lowest first.
        unanswerable: share of people's questions, in [0, 1), that is taken to have no answer in the texts.

    """

    generation: str
    digest: str
    at_most: float
    threshold: float | None
    kinds: Mapping[str, int]
    judged: int
    points: tuple[Point, ...]
    unanswerable: float = UNANSWERABLE_SHARE

    @property
    def point(self) -> Point:
        """What its threshold does; where it has none, the threshold that is expected to do best."""
        if self.threshold is not None:
            return next(point for point in self.points if point.threshold == self.threshold)
        enough = [point for point in self.points if point.shown >= MIN_SHOWN] or list(self.points)
        return min(enough, key=lambda point: (point.risk, point.threshold))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"format": FORMAT, **asdict(self)}


def measure(
    qa: QA,
    at_most: float = 0.05,
    *,
    judged: Sequence[Question] = (),
    count: int = QUESTIONS,
    unanswerable: float = UNANSWERABLE_SHARE,
    progress: Callable[[int, int], None] | None = None,
) -> Card:
    """Ask made and judged questions, and set the threshold; about a second a question.

    Args:
        qa: the collection.
        at_most: share wrong that the threshold is to keep, in (0, 1).
        judged: questions that people judged (`judged_questions`).
        count: how many questions to make at most.
        unanswerable: share of people's questions, in [0, 1), that the texts do not answer.
        progress: called with how many were asked, and how many there are.

    Raises:
        CorpusIndexError: no question can be made from the collection.

    """
    made = made_questions(qa.index, qa.structure, count)
    if not made:
        raise CorpusIndexError(
            "No question can be made from these texts: they hold no sentence with a name or number, no heading, list "
            "or table. Judge answers on the page instead, and measure again."
        )
    whole = len(made) + len(judged)

    def tell(done: int, before: int = 0) -> None:
        if progress is not None:
            progress(before + done, whole)

    asked = ask(qa, made, progress=tell)
    asked += ask(qa, judged, people=True, progress=lambda done: tell(done, len(made)))
    generation = qa.index.generation
    return card_of(asked, at_most, generation.name, generation.manifest.digest, unanswerable)


def card_of(
    asked: Sequence[Asked],
    at_most: float,
    generation: str = "",
    digest: str = "",
    unanswerable: float = UNANSWERABLE_SHARE,
) -> Card:
    """The card that comes of what was asked."""
    points = curve(asked, unanswerable=unanswerable)
    point = chosen(points, at_most)
    kinds = Counter(one.kind for one in asked if not one.people)
    judged = sum(one.people for one in asked)
    threshold = point.threshold if point else None
    return Card(generation, digest, at_most, threshold, dict(kinds), judged, points, unanswerable)


def judged_questions(content: Mapping[str, Any]) -> list[Question]:
    """The questions of a file of judged answers (`squad`), as questions of a set; its documents are the index's."""
    questions = []
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                places = tuple(_place(article["title"], answer) for answer in qa["answers"])
                words = tuple(answer["text"] for answer in qa["answers"]) if len(places) == 1 else ()
                kind = "list" if len(places) > 1 else "judged"
                questions.append(Question(str(qa["id"]), qa["question"], kind, words, places, judged="up"))
    for entry in content.get("rejected", ()):
        if "title" in entry:
            places = tuple(_place(entry["title"], answer) for answer in entry["answers"])
            questions.append(
                Question(str(entry["id"]), entry["question"], "judged", (), (), judged="down", rejected=places)
            )
    return questions


def _place(title: str, answer: Mapping[str, Any]) -> tuple[str, int, int]:
    return title, answer["answer_start"], answer["answer_start"] + len(answer["text"])


def keep(card: Card, root: Path) -> Path:
    """Write a card beside the index, in the place of the one before; atomic.

    Raises:
        CorpusIndexError: it cannot be written.

    """
    draft = root / f"{CARD}.tmp"
    try:
        write_synced(draft, json.dumps(card.to_dict(), indent=1).encode("utf-8"))
        os.replace(draft, root / CARD)
    except OSError as error:
        raise CorpusIndexError(f"The risk card cannot be written to {root} ({error.strerror}).") from error
    return root / CARD


def kept(index: Store, allowed_signers: Path | None = None) -> Card | None:
    """The card of an index; arguments and errors are those of `kept_at`."""
    return kept_at(index.root, index.generation.manifest.digest, allowed_signers)


def kept_at(root: Path, digest: str, allowed_signers: Path | None = None) -> Card | None:
    """The card of a generation, without opening it; `None` where it has none, or that is damaged or of another one.

    Args:
        root: folder of the index.
        digest: of the generation.
        allowed_signers: a file of those who may have signed the card; `None` asks for no signature.

    Raises:
        IndexSignatureError: there is one, and none of those who may have signed it did; only where they are named.

    """
    try:
        data = (root / CARD).read_bytes()
        values = json.loads(data if allowed_signers is None else read_signed(root, CARD, allowed_signers))
        if values.pop("format") != FORMAT or values["digest"] != digest:
            return None
        points = tuple(map(_point, values.pop("points")))
        card = Card(points=points, **values)
        assert card.point in points
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration, AssertionError):
        return None
    return card


def _point(values: Mapping[str, Any]) -> Point:
    shares = {name: float(values[name]) for name in ("threshold", "coverage", "risk", "low", "high")}
    return Point(shown=int(values["shown"]), wrong=int(values["wrong"]), **shares)


def with_card(qa: QA, allowed_signers: str | os.PathLike[str] | None = None) -> QA:
    """The same, with its card's threshold in the place of the calibrated one.

    Args:
        qa: the collection.
        allowed_signers: a file of those who may have signed the card, as `load` takes it; `None` asks for no signature.

    Raises:
        CorpusIndexError: the index has no card, or its card found no threshold.
        IndexSignatureError: the card's signature is missing, wrong or by another key.

    """
    threshold = card_threshold(qa.index, None if allowed_signers is None else Path(allowed_signers).expanduser())
    return replace(qa, calibration=replace(qa.calibration, threshold=threshold))


def card_threshold(index: Store, allowed_signers: Path | None = None) -> float:
    """The threshold that the card of an index sets; errors are those of `with_card`."""
    card, root = kept(index, allowed_signers), index.root
    if card is None:
        raise CorpusIndexError(f"The index at {root} has no risk card: partnership-qa risk --index {root}")
    if card.threshold is None:
        raise CorpusIndexError(
            f"The risk card of {root} found no threshold that keeps {card.at_most:.0%}: allow more, with --at-most."
        )
    return card.threshold


def told(card: Card) -> list[str]:
    """The card in a few lines."""
    point = card.point
    low, high = clopper_pearson(point.wrong, point.shown)
    seen = f"{point.shown} are answered, {point.wrong} wrong: {low:.1%} to {high:.1%}"
    unanswerable = card.kinds.get(UNANSWERABLE, 0)
    lines = [
        f"generation {card.generation}, {sum(card.kinds.values())} questions made from the texts, {unanswerable} of "
        f"them without an answer" + (f", {card.judged} judged by people" if card.judged else "")
    ]
    if card.threshold is None:
        lines.append(f"no threshold keeps at most {card.at_most:.0%} wrong; the best is {point.threshold:.2f}:")
    else:
        lines.append(f"threshold for at most {card.at_most:.0%} wrong: {point.threshold:.2f}")
    between = f"between {point.low:.1%} and {point.high:.1%}"
    least, most = among(point, _NEXT)
    return [
        *lines,
        f"  of these questions {seen} (Clopper-Pearson, {LEVEL:.0%})",
        f"  of what people ask, expected wrong: {point.risk:.1%}, {between} ({LEVEL:.0%}); of the next {_NEXT} answers "
        f"that are shown, {least} to {most}",
        f"  taken for that: {card.unanswerable:.0%} of what people ask has no answer in the texts",
        reliance(card),
        WARNING,
    ]


def reliance(card: Card) -> str:
    """In plain words, whether the card can be relied on, and what would help."""
    point = card.point
    if card.threshold is not None and relied_on(point, card.at_most):
        return f"At this threshold no more than {point.high:.0%} wrong is to be feared."
    needed = judgements_needed(point, card.at_most) if card.threshold is not None else None
    if needed is None:
        help_ = "Judge answers on the page, and measure again, or allow more."
    else:
        help_ = f"About {needed} answers like these, judged on the page, would settle it."
    if card.threshold is None:
        return f"Do not rely on at most {card.at_most:.0%} here: nothing that was seen promises it. {help_}"
    return f"Do not rely on at most {card.at_most:.0%} yet: up to {point.high:.0%} may be wrong. {help_}"


WARNING = (
    "Made questions repeat the words of the texts and are easier than people's. What people's questions were seen to "
    "add elsewhere is counted in; here it may be more or less. Answers that are judged on the page make this surer."
)


def table(card: Card) -> list[str]:
    """Coverage and risk by threshold, a line each, with a bar of the risk."""
    rows = [point for point in card.points if round(point.threshold * 100) % 10 == 0]
    lines = ["threshold  answered  wrong expected   between"]
    for point in rows:
        mark = " <" if point.threshold == card.threshold else ""
        between = f"{point.low:.0%} to {point.high:.0%}"
        figures = f"{point.threshold:9.2f}  {point.coverage:8.0%}  {point.risk:14.1%}   {between:12}"
        lines.append(f"{figures}  {'#' * round(point.risk * 40)}{mark}")
    return lines
