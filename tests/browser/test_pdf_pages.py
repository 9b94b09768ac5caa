"""The page of a PDF with the quoted words boxed: where the words stand, turned, enlarged, on a desktop and a phone."""

from __future__ import annotations

import io
import re
import shutil

import numpy as np
import pytest
from browser_steps import ask, tab
from files import pdf
from playwright.sync_api import expect
from test_access import violations

from partnership_qa.index.generations import ORIGINALS
from partnership_qa.sources import Extractor

pytestmark = pytest.mark.browser
FILLER = [f"Line {n} of the ledger says nothing that anybody would ask about on a calm day." for n in range(12)]
LAMP = "The lamp of Vardo burnt 412 barrels of colza oil in the winter."
KEEPER = "The lighthouse keeper of Vardo was called Anna Berg."
BELL = ["Nobody knows who rang it first. The bell of the northern mole was cast in Kemi and", "it weighs two oxen."]
PAGES = [
    ["Report of the Lighthouse Board", "", *FILLER, LAMP, *FILLER],
    [*FILLER, *FILLER, "On the second page as well there is little to be read."],
    [*FILLER, *FILLER, *FILLER, KEEPER],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "report.pdf").write_bytes(pdf(PAGES))
    (folder / "corpus" / "bell.pdf").write_bytes(pdf([BELL]))
    return folder


@pytest.fixture(scope="module")
def extractor():
    with Extractor() as extractor:
        yield extractor


def ink(extractor, page, line):
    """Left, top, right and bottom of the ink of a line that stands alone on its page, in parts of the page."""
    from PIL import Image

    alone = pdf([["" if one != line else one for one in PAGES[page - 1]]])
    with Image.open(io.BytesIO(extractor.page_image(alone, 1, 1400))) as image:
        dark = np.argwhere(np.asarray(image.convert("L")) < 128)
        width, height = image.size
    return dark[:, 1].min() / width, dark[:, 0].min() / height, dark[:, 1].max() / width, dark[:, 0].max() / height


def place(box):
    """Left, top, right and bottom of a box in parts of the picture that it lies on."""
    return box.evaluate("""box => {
        const b = box.getBoundingClientRect();
        const i = box.closest('.pq-sheet').querySelector('img').getBoundingClientRect();
        return [(b.left - i.left) / i.width, (b.top - i.top) / i.height,
                (b.right - i.left) / i.width, (b.bottom - i.top) / i.height];
    }""")


def seen(page, box):
    """Whether a box is to be seen: inside its panel, and the panel inside the window."""
    return box.evaluate("""box => {
        const b = box.getBoundingClientRect(), p = box.closest('.pq-pages').getBoundingClientRect();
        return b.top >= p.top && b.bottom <= p.bottom && b.top >= 0 && b.bottom <= window.innerHeight && b.width > 20;
    }""")


def drawn(page, number):
    """Waits until the picture of a page is there."""
    img = page.locator("#pq-source .pq-sheet img")
    expect(img).to_have_attribute("src", re.compile(rf"/{number}-\d+\.png$"))
    page.wait_for_function("""() => {
        const img = document.querySelector('#pq-source .pq-sheet img');
        return img && img.complete && img.naturalWidth > 0 && !img.classList.contains('pq-coming');
    }""")
    return img


def assert_around(box, words):
    """A box is where the ink of its words is, and hardly larger."""
    left, top, right, bottom = box
    ink_left, ink_top, ink_right, ink_bottom = words
    assert left <= ink_left + 0.002
    assert top <= ink_top + 0.002
    assert right >= ink_right - 0.002
    assert bottom >= ink_bottom - 0.002
    assert (ink_left - left) < 0.01
    assert (right - ink_right) < 0.01
    assert (bottom - top) < 2.2 * (ink_bottom - ink_top)


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_a_citation_of_a_pdf_opens_its_page_with_a_box_around_the_words(opened, extractor, view):
    page = opened(view)
    card = ask(page, "Who was called the lighthouse keeper of Vardo?")
    expect(card.locator(".pq-addr").first).to_contain_text("report.pdf, page 3")
    card.locator(".pq-n, .pq-addr").first.click()
    drawn(page, 3)
    box = page.locator("#pq-source .pq-boxes:not([hidden]) .pq-box.pq-quote")
    expect(box).to_have_count(1)
    assert_around(place(box), ink(extractor, 3, KEEPER))
    expect(box).to_be_focused()
    assert seen(page, box)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_phone_shows_where_each_line_of_a_quote_begins(opened):
    page = opened("phone light")
    card = ask(page, "Where was the bell of the northern mole cast?")
    card.locator(".pq-addr").first.click()
    drawn(page, 1)
    boxes = page.locator("#pq-source .pq-boxes:not([hidden]) .pq-box.pq-current.pq-quote")
    expect(boxes).to_have_count(2)
    begin = page.locator("#pq-source .pq-pages").bounding_box()["x"]
    first, second = (box.bounding_box() for box in boxes.all())
    assert first["x"] > second["x"] >= begin


def test_the_second_quote_of_an_answer_opens_its_own_page(opened, extractor):
    page = opened()
    card = ask(page, "Who was called the lighthouse keeper of Vardo and how many barrels of oil burnt?")
    places = card.locator(".pq-addr")
    expect(places).to_have_count(2)
    for number, name, line in ((1, 1, LAMP), (0, 3, KEEPER), (1, 1, LAMP)):
        places.nth(number).click()
        drawn(page, name)
        expect(page.locator("#pq-source .pq-leaf")).to_have_text(f"Page {name} of 3")
        box = page.locator("#pq-source .pq-boxes:not([hidden]) .pq-box.pq-quote")
        assert_around(place(box), ink(extractor, name, line))
        expect(box).to_have_class(re.compile("pq-current"))


def test_the_answers_words_are_marked_more_strongly_than_the_quote(opened):
    page = opened()
    ask(page, "Who was called the lighthouse keeper of Vardo?")
    drawn(page, 3)
    colours = [
        page.locator(f"#pq-source .pq-box.pq-{kind}").first.evaluate("e => getComputedStyle(e).backgroundColor")
        for kind in ("quote", "answer")
    ]
    brightness = [sum(map(int, re.findall(r"\d+", colour))) for colour in colours]
    assert brightness[1] < brightness[0] - 60


def test_pages_are_turned_to_either_end_and_boxes_stay_on_theirs(opened):
    page = opened()
    ask(page, "Who was called the lighthouse keeper of Vardo?")
    drawn(page, 3)
    back, forth = page.get_by_label("Page before"), page.get_by_label("Next page")
    expect(forth).to_be_disabled()
    back.click()
    drawn(page, 2)
    expect(page.locator("#pq-source .pq-leaf")).to_have_text("Page 2 of 3")
    expect(page.locator("#pq-source .pq-boxes:not([hidden]) .pq-box")).to_have_count(0)
    back.click()
    drawn(page, 1)
    expect(back).to_be_disabled()
    forth.click()
    forth.click()
    drawn(page, 3)
    expect(page.locator("#pq-source .pq-boxes:not([hidden]) .pq-box.pq-quote")).to_have_count(1)


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_a_page_is_enlarged_around_its_box_and_sharper(opened, extractor, view):
    page = opened(view)
    ask(page, "Who was called the lighthouse keeper of Vardo?").locator(".pq-addr").first.click()
    img = drawn(page, 3)
    if page.get_by_label("Smaller").is_enabled():  # on a phone it is enlarged from the first
        page.get_by_label("Smaller").click()
    drawn(page, 3)
    before = img.bounding_box()["width"]
    page.get_by_label("Larger").click()
    assert img.bounding_box()["width"] == pytest.approx(1.5 * before, rel=0.02)
    assert violations(page) == []
    box = page.locator("#pq-source .pq-box.pq-quote")
    assert_around(place(box), ink(extractor, 3, KEEPER))
    page.get_by_label("Larger").click()
    page.get_by_label("Larger").click()
    expect(page.get_by_label("Larger")).to_be_disabled()
    assert img.bounding_box()["width"] == pytest.approx(3 * before, rel=0.02)
    sharp = img.bounding_box()["width"] > 1400
    expect(img).to_have_attribute("src", re.compile(rf"/3-{2200 if sharp else 1400}\.png$"))
    assert sharp == ("desktop" in view)
    drawn(page, 3)
    assert_around(place(box), ink(extractor, 3, KEEPER))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for _ in range(3):
        page.get_by_label("Smaller").click()
    assert img.bounding_box()["width"] == pytest.approx(before, rel=0.02)


def test_the_text_is_a_press_away_and_stays_chosen(opened):
    page = opened()
    first = ask(page, "Who was called the lighthouse keeper of Vardo?")
    drawn(page, 3)
    page.locator("#pq-source").get_by_role("button", name="Text").click()
    mark = page.locator("#cite-0-1")
    expect(mark).to_be_visible()
    expect(page.locator("#pq-source .pq-sheet")).to_be_hidden()
    ask(page, "How many barrels of colza oil burnt the lamp of Vardo?")
    expect(page.locator("#cite-1-1")).to_be_visible()
    first.locator(".pq-n, .pq-addr").first.click()
    expect(page.locator("#cite-0-1")).to_be_focused()
    page.locator("#pq-source").get_by_role("button", name="Page", exact=True).click()
    drawn(page, 3)
    assert seen(page, page.locator("#pq-source .pq-box.pq-quote"))


def test_the_pages_are_used_by_keyboard_alone(opened):
    page = opened()
    ask(page, "Who was called the lighthouse keeper of Vardo?")
    drawn(page, 3)
    page.get_by_label("Page before").focus()
    page.keyboard.press("Enter")
    drawn(page, 2)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    drawn(page, 3)


def test_a_file_that_is_gone_is_said_and_its_text_shown(opened, folder):
    page = opened()
    card = ask(page, "Who was called the lighthouse keeper of Vardo?")
    kept = folder / "index" / ORIGINALS
    shutil.move(kept, folder / "away")
    try:
        card.locator(".pq-addr").first.click()
        page.reload()
        card = ask(page, "Who was called the lighthouse keeper of Vardo?")
        expect(page.locator("#pq-source .pq-notice")).to_contain_text("The file itself is not kept any more")
        card.locator(".pq-n, .pq-addr").first.click()
        expect(page.locator("#cite-0-1")).to_be_focused()
    finally:
        shutil.move(folder / "away", kept)


def test_a_document_of_the_list_opens_at_its_first_page(opened):
    page = opened()
    tab(page, "Documents")
    page.locator("#pq-documents-html").get_by_role("link", name="report.pdf").click()
    expect(page.get_by_role("tab", name="Ask")).to_have_attribute("aria-selected", "true")
    drawn(page, 1)
    expect(page.locator("#pq-source .pq-leaf")).to_have_text("Page 1 of 3")
