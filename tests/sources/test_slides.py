"""Presentations: slides as pages, titles, bullets with their depth, tables, charts and notes."""

from __future__ import annotations

import sys

import pytest
from files import saved
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches
from test_extraction import outline, sound

from partnership_qa.document import make_document, place_of
from partnership_qa.errors import OptionalDependencyError
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.layout import Extracted
from partnership_qa.sources.slides import read_pptx

COVER, LIST, TITLE_ONLY, BLANK = 0, 1, 5, 6
BOX = (0, 0, Inches(3), Inches(1))


def slide(deck, kind: int, title: str = "", body: str = ""):
    made = deck.slides.add_slide(deck.slide_layouts[kind])
    if title:
        made.shapes.title.text = title
    if body:
        made.placeholders[1].text = body
    return made


def read(deck) -> Extracted:
    taken = read_pptx(saved(deck))
    sound(taken)
    return taken


def test_a_title_stands_over_its_slide_and_the_cover_over_all() -> None:
    deck = Presentation()
    slide(deck, COVER, "The harbour", "A report")
    slide(deck, LIST, "Fees", "Three crowns")
    taken = read(deck)
    assert outline(taken) == ["h1 The harbour", "p A report", "h2 Fees", "li0 Three crowns"]
    sections = make_document("a.pptx", b"", taken.text, taken.blocks).sections
    assert [section.headings for section in sections] == [("The harbour",), ("The harbour", "Fees")]


def test_bullets_have_their_depth_and_paragraphs_without_one_are_text() -> None:
    deck = Presentation()
    frame = slide(deck, LIST, "Rules", "No fire").placeholders[1].text_frame
    for text, depth in (("at night", 1), ("No fish", 0), ("A remark", 0)):
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = text, depth
    paragraph._p.get_or_add_pPr().append(paragraph._p.makeelement(qn("a:buNone"), {}))
    assert outline(read(deck)) == ["h2 Rules", "li0 No fire", "li1 at night", "li0 No fish", "p A remark"]


def test_numbers_that_a_slide_computes_stand_before_their_items() -> None:
    deck = Presentation()
    frame = slide(deck, LIST, "Rules", "Row").placeholders[1].text_frame
    for text in ("Moor", "Pay"):
        frame.add_paragraph().text = text
    for paragraph in frame.paragraphs:
        numbers = paragraph._p.makeelement(qn("a:buAutoNum"), {"type": "alphaLcParenR", "startAt": "3"})
        paragraph._p.get_or_add_pPr().append(numbers)
    assert "c) Row\nd) Moor\ne) Pay" in read(deck).text


def test_slides_are_pages_and_places_and_one_without_a_title_stands_by_itself() -> None:
    deck = Presentation()
    slide(deck, LIST, "Fees", "Three crowns")
    slide(deck, BLANK)
    slide(deck, BLANK).shapes.add_textbox(*BOX).text_frame.text = "Loose words"
    taken = read(deck)
    assert outline(taken) == ["h2 Fees", "li0 Three crowns", "h2 Slide 3", "p Loose words"]
    at = taken.text.index("Loose")
    assert place_of(taken.places, at) == "slide 3"
    assert sum(start <= at for start in taken.pages) == 3
    assert place_of(taken.places, taken.text.index("Three")) == "slide 1"


def test_notes_follow_their_slide_under_their_name() -> None:
    deck = Presentation()
    slide(deck, LIST, "Fees", "Three crowns").notes_slide.notes_text_frame.text = "Say it slowly.\nSmile."
    taken = read(deck)
    assert outline(taken) == ["h2 Fees", "li0 Three crowns", "h3 Notes", "p Say it slowly.", "p Smile."]
    assert place_of(taken.places, taken.text.index("Smile")) == "slide 1, notes"


def test_hidden_slides_are_left_out_and_said_and_still_count() -> None:
    deck = Presentation()
    slide(deck, LIST, "Secret", "Nine crowns").element.set("show", "0")
    slide(deck, LIST, "Fees", "Three crowns")
    taken = read(deck)
    assert outline(taken) == ["h2 Fees", "li0 Three crowns"]
    assert taken.note == "hidden slides left out: 1"
    assert place_of(taken.places, 0) == "slide 2"
    assert taken.pages == (0, 0)


def test_tables_have_header_and_cells_merged_over_rows_in_each() -> None:
    deck = Presentation()
    table = slide(deck, TITLE_ONLY, "Fees").shapes.add_table(3, 2, *BOX).table
    for row, cells in enumerate([("Quay", "Fee"), ("North", "3"), ("", "4")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert outline(read(deck)) == ["h2 Fees", "head Quay|Fee", "row North|3", "row North|4"]


def test_charts_are_tables_of_their_values() -> None:
    deck = Presentation()
    values = CategoryChartData()
    values.categories = ["2021", "2022"]
    values.add_series("Boats", (3, 4.5))
    values.add_series("Fees", (70, 80))
    slide(deck, TITLE_ONLY, "Growth").shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, values)
    assert outline(read(deck)) == ["h2 Growth", "head |Boats|Fees", "row 2021|3|70", "row 2022|4.5|80"]


def test_shapes_in_groups_are_read_in_their_order() -> None:
    deck = Presentation()
    shapes = slide(deck, BLANK).shapes
    group = shapes.add_group_shape()
    group.shapes.add_textbox(*BOX).text_frame.text = "First words"
    shapes.add_textbox(*BOX).text_frame.text = "Second\vline"
    assert outline(read(deck)) == ["h2 Slide 1", "p First words", "p Second\nline"]


def test_a_missing_library_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(OptionalDependencyError, match=r"pip install 'partnership_qa\[pptx\]'"):
        read_pptx(b"")


def test_what_is_no_presentation_is_refused_by_name() -> None:
    with pytest.raises(NotTextError, match="no PPTX file"):
        read_pptx(b"words")
