"""Office documents that were saved as Strict Open XML say what the same documents say in the usual form."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from files import docx, saved, xlsx
from pptx import Presentation

from partnership_qa.sources.worker import READERS


def slides() -> bytes:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Fees", "Three crowns"
    return saved(deck)


def strict(data: bytes) -> bytes:
    """The document with the namespaces of ISO/IEC 29500-1."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith((".xml", ".rels")):
                usual = rb"http://schemas\.openxmlformats\.org/(officeDocument|\w+ml)/2006/"
                part = re.sub(usual, rb"http://purl.oclc.org/ooxml/\1/", part)
            new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize(
    ("suffix", "data", "words"),
    [
        (".docx", docx(), "The harbour was dug in 1874"),
        (".xlsx", xlsx({"Prices": [("Boat", "Fee"), ("Dinghy", 3)]}), "Dinghy | 3"),
        (".pptx", slides(), "Three crowns"),
    ],
)
def test_a_strict_document_is_read_as_its_usual_form(suffix: str, data: bytes, words: str) -> None:
    saved = strict(data)
    with zipfile.ZipFile(io.BytesIO(saved)) as archive:
        assert b"purl.oclc.org" in archive.read("_rels/.rels")
    taken, usual = READERS[suffix](saved), READERS[suffix](data)
    assert words in taken.text
    assert (taken.text, taken.blocks, taken.places) == (usual.text, usual.blocks, usual.places)
