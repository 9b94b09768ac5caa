"""From a scan to its citation: recognised, asked about, cited as recognised text, and boxed on its page."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from browser_steps import ask, tab
from files import pdf
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
KEEPER = "The lighthouse keeper of Vardo was called Anna Berg."
LINES = ["Report of the Lighthouse Board", "", "The lamp of Vardo burnt 412 barrels of colza oil in the winter.",
         KEEPER, "Nothing else was written down on that calm day of the year."]  # fmt: skip
DOTS = 150  # an inch


def scanned(file):
    """The first page of a PDF as a PDF that holds its picture alone."""
    import pypdfium2

    out = io.BytesIO()
    pypdfium2.PdfDocument(file)[0].render(scale=DOTS / 72, grayscale=True).to_pil().save(out, "PDF", resolution=DOTS)
    return out.getvalue()


def box_on_picture(page):
    """Left, top, right and bottom of the quote's boxes in parts of the page's picture."""
    return page.evaluate("""() => {
        const i = document.querySelector('#pq-source .pq-sheet img').getBoundingClientRect();
        const all = [...document.querySelectorAll('#pq-source .pq-boxes:not([hidden]) .pq-box.pq-quote')]
            .map(box => box.getBoundingClientRect());
        return [Math.min(...all.map(b => b.left - i.left)) / i.width,
                Math.min(...all.map(b => b.top - i.top)) / i.height,
                Math.max(...all.map(b => b.right - i.left)) / i.width,
                Math.max(...all.map(b => b.bottom - i.top)) / i.height];
    }""")


def test_a_scan_is_cited_as_recognised_text_with_its_words_boxed(opened, tmp_path):
    pytest.importorskip("rapidocr", reason="the extra `ocr` recognises scans")
    from PIL import Image

    from partnership_qa.sources import ocr

    (tmp_path / "scan.pdf").write_bytes(scanned(pdf([LINES])))
    page = opened()
    tab(page, "Documents")
    page.locator("#pq-files input[type=file]").set_input_files(tmp_path / "scan.pdf")
    expect(page.locator("#pq-files")).to_contain_text("scan")
    page.locator("#pq-build").click()
    expect(page.locator("#pq-report")).to_contain_text("recognised in a picture and may have errors", timeout=60_000)
    tab(page, "Ask")
    card = ask(page, "Who was called the lighthouse keeper of Vardo?")
    expect(card.locator(".pq-addr").first).to_contain_text("scan.pdf, page 1, recognised text")
    expect(card.locator("blockquote").first).to_contain_text(KEEPER)
    card.locator(".pq-addr").first.click()
    img = page.locator("#pq-source .pq-sheet img")
    expect(img).to_have_attribute("src", re.compile(r"/1-\d+\.png$"))
    expect(page.locator("#pq-source .pq-boxes:not([hidden]) .pq-box.pq-quote").first).to_be_visible()
    picture = page.request.get(img.evaluate("img => img.src")).body()
    left, top, right, bottom = box_on_picture(page)
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
        crop = image.convert("RGB").crop((left * width, top * height, right * width, bottom * height))
    found = ocr._engine()(np.pad(np.asarray(crop), ((12, 12), (12, 12), (0, 0)), constant_values=255))
    assert "".join("".join(found.txts).split()) == "".join(KEEPER.split())
