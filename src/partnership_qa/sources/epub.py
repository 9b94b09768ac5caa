"""Books (EPUB) into text: the HTML of their chapters in reading order, each chapter's title as its address.

A book whose chapters are encrypted is refused; encrypted fonts alone are none of our business.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from ..document import BlockKind
from .archives import DAMAGED, check_archive, no_file
from .encoding import NotTextError
from .html import read_html
from .layout import Extracted, Layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_CHAPTERS = 5_000
_FONTS = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
_HTML = frozenset(("application/xhtml+xml", "text/html", "application/x-dtbook+xml"))
_TITLE = re.compile(rb"<title\b[^>]{0,300}>.{0,500}?</title>", re.IGNORECASE | re.DOTALL)
# XHTML closes an empty element in one tag, which HTML takes for an opening one.
_CLOSED = re.compile(
    rb"<((?!area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)[a-zA-Z][\w:]*)((?:\s[^<>]*)?)/>"
)


def read_epub(data: bytes) -> Extracted:
    """Text and blocks of an EPUB file.

    Raises:
        NotTextError: it is no EPUB file, is protected, or holds or unpacks to more than it should.
        OptionalDependencyError: what reads HTML is not installed.

    """
    check_archive(data, "EPUB")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            _refuse_protected(archive)
            package = _package(archive)
            chapters, titles = _spine(archive, package)
        except DAMAGED as error:
            raise no_file("EPUB", error) from None
        read: list[tuple[str, Extracted]] = []
        missing = max(0, len(chapters) - MAX_CHAPTERS)
        for path in chapters[:MAX_CHAPTERS]:
            page = _page(archive, path)
            if page is None:
                missing += 1
            else:
                # The title of a page is often the book's; the contents know the chapter's.
                read.append((path, read_html(_TITLE.sub(b"", page, count=1))))
    note = f"{missing} of its {len(chapters)} chapters are missing or damaged" if missing else ""
    return _laid_out([one for one in read if one[1].blocks], titles)._replace(note=note)


def _page(archive: zipfile.ZipFile, path: str) -> bytes | None:
    """A page of the book as HTML; `None` where it is missing or damaged."""
    try:
        return _CLOSED.sub(rb"<\1\2></\1>", archive.read(path))
    except DAMAGED:
        return None


def _laid_out(chapters: Sequence[tuple[str, Extracted]], titles: Mapping[str, str]) -> Extracted:
    """Chapters under one another; one without a heading gets the title that the contents give it, or its file's name.

    Such a heading is as deep as the outermost that opens another chapter, so that neither stands below the other.
    """
    layout = Layout()
    opening = [inner.blocks[0].level for _, inner in chapters if inner.blocks[0].kind is BlockKind.HEADING]
    level = min(opening, default=1)
    for path, inner in chapters:
        first = inner.blocks[0]
        headed = first.kind is BlockKind.HEADING
        words = " ".join(inner.text[first.content.start : first.content.end].split())
        title = titles.get(path, "") or (words if headed else posixpath.basename(path))
        layout.place(title)
        if not headed:
            layout.heading(title, level)
        said = not headed and words == title  # some programs set titles as paragraphs
        layout.extend(inner._replace(blocks=inner.blocks[said:]), below=0 if headed else level)
    return layout.extracted


def _parsed(archive: zipfile.ZipFile, path: str) -> ET.Element:
    """An XML file of the archive; one that defines entities of its own is refused, none of these has a use for them."""
    data = archive.read(path)
    if b"<!ENTITY" in data or b"<\0!\0E\0N\0T" in data or b"\0<\0!\0E\0N\0T" in data:
        raise ValueError("entities")
    return ET.fromstring(data)  # noqa: S314 - without entities there is nothing in it to explode or to fetch


def _refuse_protected(archive: zipfile.ZipFile) -> None:
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    for element in _parsed(archive, "META-INF/encryption.xml").iter():
        if _local(element) == "EncryptedData":
            method = next((one.get("Algorithm", "") for one in element if _local(one) == "EncryptionMethod"), "")
            if method not in _FONTS:
                raise NotTextError("it is protected against copying (DRM)")


def _package(archive: zipfile.ZipFile) -> str:
    """Path of the file that lists what the book is made of."""
    for element in _parsed(archive, "META-INF/container.xml").iter():
        if _local(element) == "rootfile":
            return unquote(element.get("full-path", ""))
    raise ValueError("no root file")


def _spine(archive: zipfile.ZipFile, package: str) -> tuple[list[str], dict[str, str]]:
    """Paths of the chapters in reading order, and titles by path, as the table of contents gives them."""
    root = _parsed(archive, package)
    items = {one.get("id", ""): one for one in root.iter() if _local(one) == "item"}
    paths = {name: _beside(package, one.get("href", "")) for name, one in items.items()}
    spine = next((one for one in root.iter() if _local(one) == "spine"), None)
    if spine is None:
        raise ValueError("no spine")
    listed = [one.get("idref", "") for one in spine if _local(one) == "itemref"]
    chapters = [paths[name] for name in listed if name in paths and items[name].get("media-type") in _HTML]
    contents = [name for name, one in items.items() if "nav" in one.get("properties", "").split()]
    titles: dict[str, str] = {}
    for name in (*contents, spine.get("toc", "")):
        if name in paths and not titles:
            titles = dict(_titles(archive, paths[name]))
    nav = {paths[name] for name in contents}
    return [path for path in dict.fromkeys(chapters) if path not in nav], titles


def _titles(archive: zipfile.ZipFile, path: str) -> Iterator[tuple[str, str]]:
    """Path and title of what a table of contents points at, the last first: the first title of a file counts."""
    try:
        entries = list(_parsed(archive, path).iter())
    except DAMAGED:
        return  # a book may be read without its contents
    for element in reversed(entries):
        if _local(element) == "a" and element.get("href"):
            target, text = element.get("href", ""), "".join(element.itertext())
        elif _local(element) == "navPoint":
            source = next((one.get("src", "") for one in element if _local(one) == "content"), "")
            label = next((one for one in element if _local(one) == "navLabel"), None)
            target, text = source, "".join(label.itertext()) if label is not None else ""
        else:
            continue
        if text.strip():
            yield _beside(path, target), " ".join(text.split())


def _beside(path: str, href: str) -> str:
    """Path in the archive of what a file points at."""
    target = unquote(href.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target)).lstrip("/") if target else path


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
