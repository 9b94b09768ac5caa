"""An evaluation as a page: its figures as tables, its calibration and its risk as pictures, and every wrong answer."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .figures import reliability, risk_coverage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .figures import Evaluation, Row

_SIZE, _MARGIN = 300, 44
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;border-bottom:1px solid #dde3ea;text-align:right}
td:first-child,th:first-child{text-align:left}figure{display:inline-block;margin:0 1rem 1rem 0}
figcaption{font-size:.9rem}
.wrong td{text-align:left;vertical-align:top}"""


def reliability_svg(rows: Sequence[Row]) -> str:
    """Reliability diagram: share of right answers over confidence, the area of a point by its number of questions."""
    points = reliability(rows)
    most = max((count for _, _, count in points), default=1)
    marks = [
        f'<circle cx="{_x(sure):.1f}" cy="{_y(right):.1f}" r="{3 + 9 * (count / most) ** 0.5:.1f}" fill="#2f6f8f" '
        f'fill-opacity="0.75"><title>confidence {sure:.2f}, right {right:.2f}, {count} questions</title></circle>'
        for sure, right, count in points
    ]
    diagonal = f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#9aa7b4" stroke-dasharray="4 4"/>'
    return _frame(diagonal + "".join(marks), "confidence", "share of right answers")


def risk_svg(rows: Sequence[Row]) -> str:
    """Risk-coverage curve: share of wrong answers among the questions answered, as more of them are."""
    path = " ".join(f"{_x(coverage):.1f},{_y(risk):.1f}" for coverage, risk in risk_coverage(rows))
    line = f'<polyline points="{path}" fill="none" stroke="#b4532a" stroke-width="2"/>'
    return _frame(line, "coverage (share of all questions answered)", "risk (share of them wrong)")


def _x(value: float) -> float:
    return _MARGIN + value * _SIZE


def _y(value: float) -> float:
    return 10 + (1 - value) * _SIZE


def _frame(inside: str, across: str, up: str) -> str:
    ticks = "".join(
        f'<text x="{_x(v):.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle">{v:g}</text>'
        f'<text x="{_x(0) - 6:.1f}" y="{_y(v) + 4:.1f}" text-anchor="end">{v:g}</text>'
        for v in (0, 0.25, 0.5, 0.75, 1)
    )
    width, height = _SIZE + _MARGIN + 16, _SIZE + 52
    middle = _y(0.5)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="#44515e" role="img" aria-label="{across}, {up}">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<rect x="{_x(0)}" y="{_y(1)}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#c8d0d8"/>{ticks}{inside}'
        f'<text x="{_x(0.5)}" y="{height - 6}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(11 {middle}) rotate(-90)" text-anchor="middle">{up}</text></svg>'
    )


def page(evaluation: Evaluation) -> str:
    """The whole page as HTML; every text of the set is escaped, and nothing is loaded from elsewhere."""
    wrong = [row for row in evaluation.rows if row.answered and row.right is False][:200]
    listed = "".join(
        f"<tr><td>{escape(row.id)}</td><td>{escape(row.question)}</td><td>{escape(row.text)}</td>"
        f"<td>{row.confidence:.2f}</td></tr>"
        for row in sorted(wrong, key=lambda row: -row.confidence)
    )
    name = escape(evaluation.name)
    head = f'<head><meta charset="utf-8"><title>{name}</title><style>{_STYLE}</style></head>'
    return (
        f'<!doctype html><html lang="en">{head}<body>'
        f"<h1>{name}</h1>{_figures(evaluation)}{_types(evaluation)}"
        f"<figure>{reliability_svg(evaluation.rows)}<figcaption>Reliability</figcaption></figure>"
        f"<figure>{risk_svg(evaluation.rows)}<figcaption>Risk and coverage</figcaption></figure>"
        f"<h2>Wrong answers, the surest first</h2><table class='wrong'><tr><th>id</th><th>question</th><th>answer</th>"
        f"<th>confidence</th></tr>{listed}</table></body></html>"
    )


def _figures(evaluation: Evaluation) -> str:
    cells = "".join(
        f"<tr><td>{escape(name)}</td><td>{_number(value)}</td></tr>"
        for name, value in evaluation.figures.items()
        if value is not None
    )
    return f"<table>{cells}</table>"


def _types(evaluation: Evaluation) -> str:
    columns = list(dict.fromkeys(name for figures in evaluation.by_type.values() for name in figures))
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        f"<tr><td>{escape(kind)}</td>"
        + "".join(f"<td>{_number(figures.get(column))}</td>" for column in columns)
        + "</tr>"
        for kind, figures in evaluation.by_type.items()
    )
    return f"<table><tr><th>type</th>{head}</tr>{body}</table>"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value == int(value) and value > 1 else f"{value:.4f}"
