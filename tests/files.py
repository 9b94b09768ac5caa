"""Files of the formats that are no text, made in memory."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from pdfs import pdf_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def pdf(pages: Sequence[Sequence[str]], extra: Sequence[bytes] = ()) -> bytes:
    """A PDF of these pages, a line of Helvetica each line; `extra` are bodies of further objects."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        shown = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
        stream = f"BT /F1 11 Tf 60 780 Td {shown}ET".encode("latin-1")
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        bodies.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    bodies += extra
    return pdf_file(bodies)


def docx() -> bytes:
    """The harbour of `fakes.CORPUS` as an office document."""
    from docx import Document

    document = Document()
    document.add_heading("Harbour of Väsby", 1)
    document.add_paragraph("The harbour was dug in 1874 by Ingrid Holm.")
    document.add_heading("Fees", 2)
    document.add_paragraph("Every boat pays by its length.")
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows, [("Boat", "Fee", "Berth"), ("Dinghy", "3", "North"), ("Cutter", "12", "")], strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_heading("Rules of the quay", 2)
    document.add_paragraph("Three things are forbidden on the quay:")
    for text in ("Lighting a fire.", "Selling fish after noon.", "Mooring without a lantern."):
        document.add_paragraph(text, style="List Bullet")
    document.add_paragraph("In the evening too.", style="List Bullet 2")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body: str, numbering: str = "", notes: dict[str, str] | None = None, styles: str = "") -> bytes:
    """An office document of these paragraphs, lists, notes by their kind, and further styles, all in its own XML."""
    from docx import Document
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    document = Document()
    for element in parse_xml(f"<w:body {SPACE}>{body}</w:body>"):
        document.element.body.append(element)
    for element in parse_xml(f"<w:styles {SPACE}>{styles}</w:styles>"):
        document.styles.element.append(element)
    if numbering:
        lists = document.part.numbering_part.element
        for element in list(lists):
            lists.remove(element)
        for element in parse_xml(f"<w:numbering {SPACE}>{numbering}</w:numbering>"):
            lists.append(element)
    for kind, content in (notes or {}).items():
        xml = f"<w:{kind} {SPACE}>{content}</w:{kind}>".encode()
        part = Part(PackURI(f"/word/{kind}.xml"), "application/xml", xml, document.part.package)
        document.part.relate_to(part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def level(at: int, shown: str, kind: str = "decimal", more: str = "", start: int = 1) -> str:
    """A level of a list in an office document's XML."""
    counts = f'<w:start w:val="{start}"/><w:numFmt w:val="{kind}"/>'
    return f'<w:lvl w:ilvl="{at}">{counts}{more}<w:lvlText w:val="{shown}"/></w:lvl>'


def item(text: str, at: int = 0, of: int = 1, more: str = "") -> str:
    """A numbered paragraph in an office document's XML."""
    numbered = f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{of}"/></w:numPr>'
    return f"<w:p><w:pPr>{more}{numbered}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]], formats: Mapping[str, str] | None = None) -> bytes:
    """A workbook of these rows a sheet; `formats` are number formats by address, such as `Prices!C7`."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for address, pattern in (formats or {}).items():
        sheet, _, cell = address.partition("!")
        book[sheet][cell].number_format = pattern
    return saved(book)


def saved(document) -> bytes:
    """The bytes that a document of an office library saves."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def epub(
    chapters: Mapping[str, str], titles: Mapping[str, str] | None = None, extra: Mapping[str, bytes] | None = None
) -> bytes:
    """A book of these pages by file name, in order, with titles in its table of contents and further members."""
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
        'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    items = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    refs = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>{items}<item id="nav" href="nav.xhtml" '
        f'media-type="application/xhtml+xml" properties="nav"/></manifest><spine>{refs}</spine></package>'
    )
    links = "".join(f'<li><a href="{name}#top">{title}</a></li>' for name, title in (titles or {}).items())
    nav = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>{links}</ol></nav></body></html>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        members = {"META-INF/container.xml": container, "OEBPS/book.opf": package, "OEBPS/nav.xhtml": nav}
        for name, page in chapters.items():
            members[f"OEBPS/{name}"] = f'<html xmlns="http://www.w3.org/1999/xhtml">{page}</html>'
        for name, content in (members | dict(extra or {})).items():
            archive.writestr(name, content)
    return out.getvalue()


def message(
    body: str, files: Mapping[str, bytes] | None = None, html: str = "", headers: Mapping[str, str] | None = None
) -> bytes:
    """A message from Anna to Bob on the first of May 2024, with attachments by name."""
    from email.message import EmailMessage

    mail = EmailMessage()
    given = {
        "From": "Anna Berg <anna@example.org>", "To": "bob@example.org", "Date": "Wed, 01 May 2024 10:00:00 +0200",
        "Subject": "Fees",
    }  # fmt: skip
    for name, text in (given | dict(headers or {})).items():
        mail[name] = text
    mail.set_content(body)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, data in (files or {}).items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def mbox(messages: Sequence[bytes]) -> bytes:
    """A mailbox of these messages."""
    return b"\n".join(b"From anna@example.org Wed May  1 10:00:00 2024\n" + one for one in messages)
