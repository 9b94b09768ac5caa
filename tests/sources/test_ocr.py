"""Pages that are pictures of text: recognised where the extra is installed, and said to be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from pdfs import Text, lines, pdf_file, placed

from partnership_qa.document import Place
from partnership_qa.sources import ocr
from partnership_qa.sources.boxes import unpack
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.extraction import Extractor
from partnership_qa.sources.pdf import read_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = ["The lamp of the lighthouse was lit", "at dusk by the keeper in 1874."]


def scan(text: bytes, extra: str = "", turns: int = 0) -> bytes:
    """The first page of a PDF as a picture in 110 dots an inch, with the same text once more as text if asked.

    The picture is laid down with so many quarter turns to the left.
    """
    import numpy as np
    import pypdfium2

    document = pypdfium2.PdfDocument(text)
    drawn = document[0].render(scale=110 / 72, grayscale=True).to_numpy()
    drawn = np.rot90(drawn.reshape(drawn.shape[:2]), turns)
    height, width = drawn.shape
    picture = drawn.tobytes()
    sides = (800, 600) if turns % 2 else (600, 800)
    shown = b"q %d 0 0 %d 0 0 cm /I Do Q" % sides
    second = f"BT /F 10 Tf 60 700 Td ({extra}) Tj ET".encode()
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents {} 0 R "
        "/Resources << /XObject << /I 3 0 R >> /Font << /F 4 0 R >> >> >>"
    )
    kids = "[5 0 R 7 0 R]" if extra else "[5 0 R]"
    return pdf_file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids {kids} /Count {1 + bool(extra)} >>".encode(),
            f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
            f"/BitsPerComponent 8 /Length {len(picture)} >>\nstream\n".encode()
            + picture
            + b"\nendstream",
            font,
            page.format(*sides, 6).encode(),
            f"<< /Length {len(shown)} >>\nstream\n".encode() + shown + b"\nendstream",
            page.format(*sides, 8).encode(),
            f"<< /Length {len(second)} >>\nstream\n".encode() + second + b"\nendstream",
        ]
    )


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    ocr._engine.cache_clear()
    yield
    ocr._engine.cache_clear()


PAGE = scan(placed([lines(60, 700, WORDS, size=14, step=18)]))


def test_a_scan_is_read_in_the_guarded_process_with_its_boxes_and_a_note() -> None:
    pytest.importorskip("rapidocr")
    with Extractor() as extractor:
        taken = extractor.extract(PAGE, ".pdf")
    assert taken.text == "\n".join(WORDS) + "\n"
    assert taken.note == "the text of 1 page was recognised in a picture and may have errors"
    left, top, right, bottom = unpack(taken.boxes, len(taken.text))[taken.text.index("dusk") :][:4].T / 65_535
    # Each letter of 14 points Courier is 8.4 wide; the line's baseline is 118 below the upper edge.
    assert (left.min() * 600, right.max() * 600) == pytest.approx((60 + 3 * 8.4, 60 + 7 * 8.4), abs=6)
    assert top.min() * 800 < 112 < 116 < bottom.max() * 800


WIDE = [f"The {word} of the lighthouse was lit at dusk by the keeper of the harbour in {year}, as ever."
        for word, year in (("lamp", 1874), ("lens", 1875), ("bell", 1876), ("horn", 1877), ("fire", 1878))]  # fmt: skip


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_page_is_read_however_it_lies_on_the_glass(turns: int) -> None:
    """Its wide lines too, and each box stands where the word is to be seen."""
    pytest.importorskip("rapidocr")
    taken = read_pdf(scan(placed([lines(60, 700, WIDE, size=9, step=18)]), turns=turns))
    assert taken.text.split() == " ".join(WIDE).split()
    left, top, right, bottom = unpack(taken.boxes, len(taken.text))[taken.text.index("bell") :][:4].T / 65_535
    x0, y0, x1, y1 = left.min(), top.min(), right.max(), bottom.max()
    for _ in range(turns):  # back to the page as it was written
        x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
    assert (x0 * 600, x1 * 600) == pytest.approx((60 + 4 * 5.4, 60 + 8 * 5.4), abs=6)
    assert y0 * 800 < 134 < y1 * 800


def test_a_scan_without_the_extra_is_refused_and_the_extra_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(NotTextError, match=r"it holds no text .*the extra `ocr`"):
        read_pdf(PAGE)


def test_models_that_are_not_the_known_ones_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rapidocr")
    monkeypatch.setitem(ocr.MODELS, "Rec", (ocr.MODELS["Rec"][0], "0" * 64))
    with pytest.raises(NotTextError, match="it holds no text"):
        read_pdf(PAGE)


def test_pages_for_which_there_is_no_time_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rapidocr")
    monkeypatch.setattr(ocr, "MAX_SECONDS", -1.0)
    taken = read_pdf(scan(placed([[Text(60, 700, "Seen.")]]), "Words."))
    assert taken.text == "\nWords.\n"
    assert taken.note == "1 page was a picture and left out, for recognising it takes too long"


def test_each_page_of_a_file_with_a_scan_says_whether_it_is_recognised() -> None:
    pytest.importorskip("rapidocr")
    taken = read_pdf(scan(placed([lines(60, 700, WORDS, size=14, step=18)]), "Typed."))
    assert taken.places == (Place(0, "page 1, recognised text"), Place(taken.text.index("Typed."), "page 2"))


def test_a_file_without_scans_has_no_places_beside_its_pages() -> None:
    assert read_pdf(placed([lines(60, 700, WORDS)])).places == ()


def test_pages_that_are_reported_have_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rapidocr")
    monkeypatch.setattr(ocr, "MAX_SECONDS", -1.0)
    reported: list[int] = []
    taken = read_pdf(PAGE, lambda: reported.append(1))
    assert (taken.text, reported) == ("\n".join(WORDS) + "\n", [1])


def test_letters_of_a_line_whose_boxes_are_of_another_count_are_spread_over_it() -> None:
    box = ((0, 0), (40, 0), (40, 10), (0, 10))
    found = list(ocr._characters("ab cd", [("abc", 1.0, box)]))
    assert [(char, first) for char, first, *_ in found] == [("a", True), ("b", False), ("c", True), ("d", False)]
    assert [left for _, _, left, *_ in found] == [0, 10, 20, 30]


def test_lines_that_lie_askew_are_laid_out_straight() -> None:
    word = [
        ("left", 1.0, ((0, 0), (40, 2), (40, 12), (0, 10))),
        ("right", 1.0, ((500, 25), (550, 27), (550, 37), (500, 35))),
    ]
    glyphs = list(ocr._placed([("left right", word)], 600, 800, 1.0))
    assert len({glyph.base for glyph in glyphs}) == 1
    assert glyphs[0].box[1] < glyphs[-1].box[1]
