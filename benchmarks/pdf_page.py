"""A page of a PDF beside what is read of it, to be compared by eye: `python benchmarks/pdf_page.py FILE PAGE`.

Prints the page's blocks in order: rows of tables with a bar between their cells and `#` before names of columns, other
blocks by their first words. `--picture FILE` writes the page as PNG. `benchmarks/real_tables.csv` lists pages of real
documents, the packages that hold them, and how many rows of their tables were right when somebody read them;
`python benchmarks/pdf_page.py --listed FOLDER` reads these pages again (the folder holds the packages, unpacked), names
those whose rows are not the ones that were read then, and adds up. `--seen` notes what is read now as read by eye.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
from bisect import bisect_right
from pathlib import Path

import pypdfium2

from partnership_qa.sources.pages import page_png
from partnership_qa.sources.pdf import read_pdf

WIDTH = 1000  # pixels
BESIDE = 10  # pages before and after one of a long document, which say what runs along its head and foot
LONG = 40  # pages
LISTED = Path(__file__).with_name("real_tables.csv")
ROWS = "sha256 of the rows"


def shown(data: bytes, page: int) -> list[str]:
    """A line for each block that begins on the page, from 1."""
    taken = read_pdf(data)
    out = []
    for block in taken.blocks:
        if bisect_right(taken.pages, block.start) != page:
            continue
        if block.cells:
            cells = (" ".join(taken.text[start:end].split()) for start, end in block.cells)
            out.append(("# " if block.is_header else "  ") + " | ".join(cells))
        else:
            out.append(f"{block.kind.value}: {' '.join(taken.text[block.start : block.end].split())[:100]}")
    return out


def excerpt(data: bytes, page: int) -> tuple[bytes, int]:
    """The pages of a long document around one, and its number among them."""
    whole = pypdfium2.PdfDocument(data)
    if len(whole) <= LONG:
        return data, page
    first = max(0, page - BESIDE)
    part, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    part.import_pages(whole, list(range(first, min(len(whole), page + BESIDE))))
    part.save(out)
    return out.getvalue(), page - first


def digest(lines: list[str]) -> str:
    """Twelve signs of the hash of the rows of tables among the lines of a page."""
    rows = "\n".join(line for line in lines if line.startswith(("# ", "  ")))
    return hashlib.sha256(rows.encode()).hexdigest()[:12]


def compare(folder: Path, *, seen: bool) -> None:
    """Name the listed pages whose rows have changed since they were read by eye."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    changed = 0
    for one in listed:
        found = next((path for path in folder.rglob(Path(one["file"]).name) if path.match(one["file"])), None)
        if found is None:
            print(f"missing: {one['package']} {one['file']}")
            continue
        now = digest(shown(*excerpt(found.read_bytes(), int(one["page"]))))
        if now != one.get(ROWS):
            changed += 1
            print(f"changed: {found} page {one['page']} ({one['right']} of {one['rows']} rows were right)")
            if seen:
                one[ROWS] = now
    tables, rows, right = (sum(int(one[name] or 0) for one in listed) for name in ("tables", "rows", "right"))
    print(f"{right} of {rows} rows of {tables} tables on {len(listed)} pages; read by eye again: {changed} to do")
    if seen:
        with LISTED.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*dict.fromkeys((*listed[0], ROWS))], lineterminator="\n")
            writer.writeheader()
            writer.writerows(listed)


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("page", type=int, nargs="?", default=1)
    parser.add_argument("--picture", type=Path, help="write the page as PNG here")
    parser.add_argument("--listed", type=Path, metavar="FOLDER", help="read the pages of real_tables.csv again")
    parser.add_argument("--seen", action="store_true", help="note the rows of now as those that were read by eye")
    arguments = parser.parse_args()
    if arguments.listed:
        compare(arguments.listed, seen=arguments.seen)
        return
    if arguments.file is None:
        parser.error("give a file, or --listed FOLDER")
    data = arguments.file.read_bytes()
    if arguments.picture:
        arguments.picture.write_bytes(page_png(data, arguments.page, WIDTH))
    print("\n".join(shown(*excerpt(data, arguments.page))))


if __name__ == "__main__":
    main()
