"""PDFs whose text stands where a test says."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_FONTS = {"C": "/Courier", "CB": "/Courier-Bold", "L": "/Courier"}


class Text(NamedTuple):
    """Text on a page: left end and baseline in points from the lower left corner.

    In Courier, the font that is used, a letter is six tenths of the size wide, so that a right end can be computed.
    """

    x: float
    y: float
    text: str
    size: float = 10
    font: str = "C"  # CB is bold; in L the characters 1 to 3 are the ligatures fi and fl and a soft hyphen
    turn: str = "1 0 0 1"


def right(x: float, y: float, text: str, size: float = 10, font: str = "C") -> Text:
    """Text that ends at `x`."""
    return Text(x - 0.6 * size * len(text), y, text, size, font)


def lines(x: float, y: float, texts: Sequence[str], size: float = 10, step: float = 12) -> list[Text]:
    """Lines below one another."""
    return [Text(x, y - step * number, text, size) for number, text in enumerate(texts)]


def placed(
    pages: Sequence[Sequence[Text]],
    rules: Sequence[tuple[float, float, float, float]] = (),
    attributes: str = "/MediaBox [0 0 600 800]",
) -> bytes:
    """A PDF whose pages have each text in its place, drawn in this order, and these rules.

    Args:
        pages: texts of each page.
        rules: lines from one point to another, on each page.
        attributes: of each page, such as its size.

    """
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()]
    for key, name in _FONTS.items():
        more = "/Differences [1 /fi /fl /sfthyphen]" if key == "L" else ""
        encoding = f"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding {more} >>"
        bodies.append(f"<< /Type /Font /Subtype /Type1 /BaseFont {name} /Encoding {encoding} >>".encode())
    drawn = " ".join(f"{x0} {y0} m {x1} {y1} l S" for x0, y0, x1, y1 in rules)
    for number, texts in enumerate(pages):
        shown = b"\n".join(
            f"BT /{one.font} {one.size} Tf {one.turn} {one.x} {one.y} Tm (".encode()
            + re.sub(rb"([()\\])", rb"\\\1", one.text.encode("cp1252"))
            + b") Tj ET"
            for one in texts
        )
        content = shown + b"\n" + drawn.encode()
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R {attributes} /Contents {7 + 2 * number} 0 R "
            "/Resources << /Font << /C 3 0 R /CB 4 0 R /L 5 0 R >> >> >>".encode()
        )
        bodies.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    return pdf_file(bodies)


def pdf_file(bodies: Sequence[bytes]) -> bytes:
    """A PDF of these objects, the first of them its catalog."""
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
