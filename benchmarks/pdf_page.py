"""A page of a PDF beside what is read of it, to be compared by eye: `python benchmarks/pdf_page.py FILE PAGE`.

Prints the page's blocks in order: rows of tables with a bar between their cells and `#` before names of columns, other
blocks by their first words. `--picture FILE` writes the page as PNG. `benchmarks/real_tables.csv` lists pages of real
documents, the packages that hold them, and how many rows of their tables were right.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from pathlib import Path

from partnership_qa.sources.pages import page_png
from partnership_qa.sources.pdf import read_pdf

WIDTH = 1000  # pixels


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


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("page", type=int)
    parser.add_argument("--picture", type=Path, help="write the page as PNG here")
    arguments = parser.parse_args()
    data = arguments.file.read_bytes()
    if arguments.picture:
        arguments.picture.write_bytes(page_png(data, arguments.page, WIDTH))
    print("\n".join(shown(data, arguments.page)))


if __name__ == "__main__":
    main()
