"""The picture of risk over coverage on the page."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from partnership_qa.evaluation.card import card_of
from partnership_qa.evaluation.risk import Asked
from partnership_qa.web.html.risk import risk_panel


def test_the_picture_shows_the_threshold_at_its_coverage_and_risk() -> None:
    card = card_of([Asked("row", 0.9, True)] * 60 + [Asked("row", 0.3, False)] * 40, 0.5)
    html = risk_panel(card)
    svg = ET.fromstring(re.search(r"<svg.*</svg>", html, re.DOTALL)[0])
    circle = svg.find("circle")
    assert (float(circle.get("cx")), float(circle.get("cy"))) == (
        round(42 + 300 * card.point.coverage, 1), round(10 + 200 * (1 - card.point.risk), 1),
    )  # fmt: skip
    assert f"from a confidence of {card.threshold:.2f} on for at most 50 % wrong. Of what people ask, " in html
    assert "100 questions were made from the texts" in html


def test_a_card_that_found_no_threshold_says_so() -> None:
    html = risk_panel(card_of([Asked("row", 0.9, False)] * 20, 0.05, unanswerable=0.3))
    assert "No threshold keeps at most 5 % wrong" in html
    assert "if 30 % of what they ask has no answer in the texts" in html
    assert "Do not rely on at most 5% here: nothing that was seen promises it." in html


def test_where_nothing_was_measured_the_panel_names_the_command() -> None:
    html = risk_panel(None)
    assert "partnership-qa risk" in html
    assert "<svg" not in html
