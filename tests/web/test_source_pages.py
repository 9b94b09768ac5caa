"""The source of a citation as the page that it stands on."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest
from files import pdf
from markup import ATTRIBUTES, OURS, PAYLOADS, Reader

from partnership_qa.document import line_starts
from partnership_qa.index import Source, build, open_index
from partnership_qa.index.generations import ORIGINALS
from partnership_qa.qa import QA
from partnership_qa.web.desk import Desk
from partnership_qa.web.html.marks import Mark
from partnership_qa.web.html.panels import source_panel
from partnership_qa.web.html.source_view import document_html

LAMP, KEEPER = "The lamp of Vardo burnt 412 barrels.", "The keeper of Vardo was Anna Berg."
REPORT = pdf([[LAMP], [KEEPER, "She wrote the first ledger."], ["Nothing more."]])
# A page is shown by one picture, whose parts and boxes have places.
PAGE_TAGS = OURS | {"img"}
PAGE_ATTRIBUTES = ATTRIBUTES | set(
    "alt src style hidden disabled data-page data-count data-fit data-sharp data-address data-name data-zoom "  # noqa: SIM905
    "data-unsure".split()
)


@pytest.fixture
def desk(corpus, root, encoder, qa):
    (corpus / "report.pdf").write_bytes(REPORT)
    build(corpus, root, encoder)
    return Desk(open_index(root), lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration))


def boxes(html):
    """Kind, mark and place of each box, and the number of its page."""
    found = []
    for number, layer in re.findall(r"<div class='pq-boxes' data-page='(\d+)'.*?>(.*?)</div>", html):
        for kind, style, rest in re.findall(r"<span class='pq-box pq-(\w+)' style='(.*?)'(.*?)></span>", layer):
            of = re.search(r"data-of='(.*?)'", rest)
            sides = [float(side) for side in re.findall(r"[\d.]+(?=%)", style)]
            found.append((int(number), kind, of[1] if of else "", sides))
    return found


def test_a_citation_of_a_pdf_opens_its_page_with_the_words_boxed(desk):
    turn = desk.ask("Who was the keeper of Vardo?")
    html = source_panel(desk.index, [turn], "0:1")
    sha256 = desk.index.sources["report.pdf"].sha256
    assert "data-view='page'" in html
    assert f"src='pq-pages/{desk.index.generation.name}/{sha256}/2-1400.png'" in html
    assert "Page 2 of 3" in Reader(html).text
    (quote,) = [box for box in boxes(html) if box[1] == "quote"]
    assert quote[:3] == (2, "quote", "cite-0-1")
    left, top, width, height = quote[3]
    # The line begins 60 of 595 points from the left, and its foot is 780 of 842 points above the lower edge.
    assert left == pytest.approx(100 * 60 / 595, abs=0.3)
    assert top < 100 * 62 / 842 < top + height < 100 * 68 / 842
    assert 25 < width < 32
    assert f"aria-label='Quoted here: {KEEPER}'" in html
    assert KEEPER in Reader(html).text, "the text is there as well"


def test_a_document_of_the_list_opens_at_its_first_page_without_a_box(desk):
    html = source_panel(desk.index, [], "doc:report.pdf")
    assert "Page 1 of 3" in Reader(html).text
    assert boxes(html) == []


def test_a_text_has_no_pages(desk):
    html = source_panel(desk.index, [], "doc:harbour.md")
    assert "<img" not in html
    assert "data-view='text'" in html
    assert "not kept any more" not in html


def test_where_the_file_is_gone_the_text_is_shown_and_it_is_said(desk):
    turn = desk.ask("Who was the keeper of Vardo?")
    shutil.rmtree(desk.root / ORIGINALS)
    html = source_panel(desk.index, [turn], "0:1")
    assert "The file itself is not kept any more" in html
    assert "<img" not in html
    assert "data-view='text'" in html
    assert KEEPER in Reader(html).text


def test_where_it_is_not_known_where_the_words_stand_nothing_is_boxed_and_it_is_said(desk):
    turn = desk.ask("Who was the keeper of Vardo?")
    index = desk.index
    bare = replace(index, sources={name: replace(source, boxes=b"") for name, source in index.sources.items()})
    html = source_panel(bare, [turn], "0:1")
    assert boxes(html) == []
    assert "Page 2 of 3" in Reader(html).text
    assert "<span hidden data-of='cite-0-1' data-unsure></span>" in html
    assert "so nothing is boxed" in Reader(html).text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_a_text_or_a_name_comes_out_as_markup(payload):
    source = Source(payload, payload, "0" * 64, line_starts(payload), (0,))
    html = document_html(source, [Mark(0, 9, "quote", "cite-0-1")], title=payload, pictures="pq-pages/gen-1/00")
    read = Reader(html)
    assert set(read.tags) <= PAGE_TAGS
    assert {key for key, _ in read.attributes} <= PAGE_ATTRIBUTES
    assert [value for key, value in read.attributes if key == "src"] == ["pq-pages/gen-1/00/1-1400.png"]
    assert payload.replace("\u202e", "") in read.text
