"""The risk card as a panel: risk over coverage as a picture, whose points are numbers in a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ...evaluation.card import WARNING, reliance
from ...evaluation.shift import LEVEL
from .rendering import render

if TYPE_CHECKING:
    from ...evaluation.card import Card
    from ...evaluation.risk import Point

_WIDTH, _HEIGHT, _LEFT, _TOP, _ACROSS, _UP = 360, 260, 42, 10, 300, 200


class _Tick(NamedTuple):
    x: float
    y: float
    label: str

    @property
    def middle(self) -> float:
        return self.y + 4


@dataclass(frozen=True, slots=True)
class _Plot:
    # Sums stand here and not in the template, where nothing but integers is added.
    beside: ClassVar[int] = _LEFT - 5
    inside: ClassVar[int] = _LEFT + 4
    right: ClassVar[int] = _LEFT + _ACROSS
    centre: ClassVar[float] = _LEFT + _ACROSS / 2
    under: ClassVar[int] = _HEIGHT - 18
    lowest: ClassVar[int] = _HEIGHT - 3
    width: int
    height: int
    left: int
    top: int
    across: int
    up: int
    ticks: list[_Tick]
    band: str
    line: str
    at_most: float
    x: float
    y: float

    @property
    def above_limit(self) -> float:
        return self.at_most - 4


def risk_panel(card: Card | None) -> str:
    """The card of the index in use; where there is none, how one is made."""
    if card is None:
        return render("risk.html", card=None)
    return render(
        "risk.html", card=card, point=card.point, plot=_plot(card), percent=_percent, made=sum(card.kinds.values()),
        level=LEVEL, warning=WARNING, reliance=reliance(card),
    )  # fmt: skip


def _plot(card: Card) -> _Plot:
    points = sorted((point for point in card.points if point.shown), key=lambda point: point.coverage)
    upper, lower = [_at(p, p.high) for p in points], [_at(p, p.low) for p in reversed(points)]
    ticks = [_Tick(_x(share), _y(share), _percent(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    line = " ".join(_at(p, p.risk) for p in points)
    return _Plot(
        _WIDTH, _HEIGHT, _LEFT, _TOP, _ACROSS, _UP, ticks, " ".join(upper + lower), line, _y(card.at_most),
        _x(card.point.coverage), _y(card.point.risk),
    )  # fmt: skip


def _at(point: Point, share: float) -> str:
    return f"{_x(point.coverage)},{_y(share)}"


def _x(share: float) -> float:
    return round(_LEFT + share * _ACROSS, 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _UP, 1)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
