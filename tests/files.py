"""Files of the formats that are no text, made in memory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(bodies, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{place:010} 00000 n \n".encode() for place in places)
    out.write(f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


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
