"""Books: chapters in reading order, their titles as addresses, and what is refused."""

from __future__ import annotations

import sys

import pytest
from files import epub
from test_extraction import outline, sound

from partnership_qa.document import place_of
from partnership_qa.errors import OptionalDependencyError
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.epub import read_epub

PAGES = {
    "z.xhtml": "<head><title>The Lighthouse</title></head><body><h1>Oil</h1><p>It burnt oil.</p></body>",
    "a.xhtml": "<head><title/></head><body><p>It burnt gas.</p><script src='x'/><h2>Later</h2><p>And more.</p></body>",
    "b c.xhtml": "<head><title>The Lighthouse</title></head><body><p>No title at all.</p></body>",
}  # fmt: skip


def test_chapters_come_in_the_order_of_the_spine_with_their_titles() -> None:
    taken = read_epub(epub(PAGES, {"z.xhtml": "1 Oil", "a.xhtml": "2 Gas"}))
    sound(taken)
    assert outline(taken) == [
        "h1 Oil", "p It burnt oil.", "h1 2 Gas", "p It burnt gas.", "h3 Later", "p And more.", "h1 b c.xhtml",
        "p No title at all.",
    ]  # fmt: skip


def test_a_place_is_the_chapters_title_or_its_file() -> None:
    taken = read_epub(epub(PAGES, {"z.xhtml": "1 Oil"}))
    assert [place_of(taken.places, taken.text.index(word)) for word in ("burnt oil", "burnt gas", "No title")] == [
        "1 Oil", "a.xhtml", "b c.xhtml",
    ]  # fmt: skip
    assert place_of(read_epub(epub(PAGES)).places, 0) == "Oil"


def test_a_chapter_without_heading_stands_beside_those_that_open_with_a_deeper_one() -> None:
    pages = {
        "a.xhtml": "<body><p>They set sail.</p></body>",
        "b.xhtml": "<body><h2>The storm</h2><p>It blew.</p></body>",
    }
    taken = read_epub(epub(pages, {"a.xhtml": "The departure"}))
    assert outline(taken) == ["h2 The departure", "p They set sail.", "h2 The storm", "p It blew."]


def test_a_title_that_is_set_as_a_paragraph_is_said_once() -> None:
    pages = {"a.xhtml": "<body><p>The departure</p><p>They set sail.</p></body>"}
    assert outline(read_epub(epub(pages, {"a.xhtml": "The departure"}))) == ["h1 The departure", "p They set sail."]


def test_titles_of_an_older_table_of_contents_are_read() -> None:
    ncx = (
        '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://example.org/ncx.dtd"><ncx xmlns="urn:x"><navMap>'
        "<navPoint><navLabel><text>Gas light</text></navLabel><content src='a.xhtml'/><navPoint><navLabel><text>Deeper"
        "</text></navLabel><content src='a.xhtml#x'/></navPoint></navPoint></navMap></ncx>"
    )
    package = (
        "<package xmlns='http://www.idpf.org/2007/opf'><manifest><item id='a' href='a.xhtml' "
        "media-type='application/xhtml+xml'/><item id='n' href='toc.ncx' media-type='application/x-dtbncx+xml'/>"
        "</manifest><spine toc='n'><itemref idref='a'/></spine></package>"
    )
    book = epub(
        {"a.xhtml": PAGES["a.xhtml"]}, extra={"OEBPS/book.opf": package.encode(), "OEBPS/toc.ncx": ncx.encode()}
    )
    assert outline(read_epub(book))[0] == "h1 Gas light"


def encrypted(method: str) -> bytes:
    listed = f"<encryption><EncryptedData><EncryptionMethod Algorithm='{method}'/></EncryptedData></encryption>"
    return epub(PAGES, extra={"META-INF/encryption.xml": listed.encode()})


def test_an_encrypted_book_is_refused_and_one_with_encrypted_fonts_is_read() -> None:
    with pytest.raises(NotTextError, match="DRM"):
        read_epub(encrypted("http://www.w3.org/2001/04/xmlenc#aes128-cbc"))
    assert "It burnt oil." in read_epub(encrypted("http://www.idpf.org/2008/embedding")).text


def test_missing_chapters_are_said() -> None:
    package = (
        "<package><manifest><item id='a' href='z.xhtml' media-type='application/xhtml+xml'/><item id='b' "
        "href='gone.xhtml' media-type='application/xhtml+xml'/></manifest><spine><itemref idref='a'/>"
        "<itemref idref='b'/></spine></package>"
    )
    taken = read_epub(epub(PAGES, extra={"OEBPS/book.opf": package.encode()}))
    assert taken.note == "1 of its 2 chapters are missing or damaged"


@pytest.mark.parametrize(("extra", "reason"), [
    ({"META-INF/container.xml": b"<container/>"}, "no EPUB file that can be opened"),
    ({"META-INF/container.xml": b"<!DOCTYPE a [<!ENTITY x 'y'>]><container>&x;</container>"}, "can be opened"),
    ({"OEBPS/book.opf": b"<package>"}, "can be opened"),
    ({"OEBPS/bomb.bin": b" " * 2**28}, "unpacks to"),
])  # fmt: skip
def test_what_is_no_book_is_refused_by_name(extra: dict[str, bytes], reason: str) -> None:
    with pytest.raises(NotTextError, match=reason):
        read_epub(epub(PAGES, extra=extra))


def test_a_missing_library_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    with pytest.raises(OptionalDependencyError, match=r"pip install 'partnership_qa\[html\]'"):
        read_epub(epub(PAGES))


def test_text_is_no_book() -> None:
    with pytest.raises(NotTextError, match="no EPUB file"):
        read_epub(b"words")
