"""Share of a PDF's table rows whose cells are right, over tables drawn here: `python benchmarks/pdf_tables.py`.

Statements of many looks (signs of currencies, brackets, dot leaders, wrapped labels, names of one to three lines, two
columns of text, drawing orders) and tables with and without rules. A row is right where one row of the text has the
same cells, white space apart. Beside it what pdfplumber finds (the better of its two ways), if it is installed, and
seconds of processor a page of it, of pypdf and of the reader. `--build 15 --pages 27` builds an index of such files and
says how many times the encoder's own seconds that takes. Needs reportlab (the extra `test`).
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from partnership_qa.embedding import load_encoder
from partnership_qa.index import build
from partnership_qa.sources.pdf import read_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Rows = list[list[str]]
_TEXT = (
    "The company reported results for the period that ended in June. Revenue grew because more customers renewed their "
    "contracts, and costs fell as the move to the new site was completed. Management expects that the trend continues "
    "through the next year, although currency effects and the price of energy remain uncertain. Cash was used for "
    "dividends, for the purchase of equipment, and for debt."
)
PROSE = _TEXT.split()
LABELS = [
    "Product revenue", "Service revenue", "Cost of goods sold", "Gross profit", "Research and development", "Goodwill",
    "General and administrative", "Operating income (loss)", "Interest expense, net", "Other income", "Inventories",
    "Income before income taxes", "Provision for income taxes", "Net income (loss)", "Stock-based compensation",
    "Accounts receivable", "Accrued liabilities", "Long-term debt", "Cash and cash equivalents", "Total assets",
]  # fmt: skip
LONG = [
    "Net cash provided by operating activities before changes in working capital and other items",
    "Adjustments to reconcile net income to net cash provided by (used in) operating activities",
    "Proceeds from the sale of businesses, equity investments and other long-term assets, net of cash sold",
]
SECTIONS = ["Current assets:", "Operating expenses:", "Cash flows from investing activities:"]
NAMES = [["Three months", "ended", "June 30, 2023"], ["Three months", "ended", "June 30, 2022"], ["", "Plan", "2024"]]
PLACES = ["North harbour", "West basin including the old timber yard and its sheds", "East mole", "Dry dock", "Quay"]
HOURS = ["Monday to Friday", "On request only, except on public holidays", "Weekends", "By tide", "Always"]


@dataclass
class Drawing:
    """Texts of a page, drawn in any order."""

    random: random.Random
    font: str
    size: float
    texts: list[tuple[float, float, str, str, float]] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    canvas: Any = None
    out: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self) -> None:
        self.canvas = Canvas(self.out, pagesize=letter)

    def width(self, text: str) -> float:
        """Points that a text takes."""
        return float(self.canvas.stringWidth(text, self.font, self.size))

    def put(self, x: float, y: float, text: str, part: float = 0.0, *, bold: bool = False) -> None:
        """A text with this part of it at the left of `x`."""
        font = {"Helvetica": "Helvetica-Bold", "Times-Roman": "Times-Bold"}[self.font] if bold else self.font
        width = self.canvas.stringWidth(text, font, self.size)
        self.texts.append((x - part * width, y, text, font, self.size))

    def wrapped(self, text: Sequence[str], width: float) -> list[str]:
        """Lines of words."""
        out = [""]
        for word in text:
            longer = f"{out[-1]} {word}".strip()
            if self.width(longer) <= width:
                out[-1] = longer
            else:
                out.append(word)
        return out

    def prose(self, x: float, y: float, width: float, count: int) -> float:
        """Running text; where the next line would stand."""
        start = self.random.randrange(len(PROSE))
        for line in self.wrapped((PROSE[start:] + PROSE * 9)[: 40 * count], width)[:count]:
            self.put(x, y, line)
            y -= 1.25 * self.size
        return y

    def pdf(self, order: str) -> bytes:
        """The page, drawn line by line, `columns` first or at `random`."""
        texts = list(self.texts)
        if order == "columns":
            texts.sort(key=lambda one: (round(one[0] / 60), -one[1]))
        elif order == "random":
            self.random.shuffle(texts)
        for x, y, text, font, size in texts:
            self.canvas.setFont(font, size)
            self.canvas.drawString(x, y, text)
        for line in self.lines:
            self.canvas.line(*line)
        self.canvas.showPage()
        self.canvas.save()
        return self.out.getvalue()


def figure(source: random.Random) -> str:
    """An amount as statements write it."""
    text = f"{source.choice([source.randint(1, 99), source.randint(100, 99_999), source.randint(10**5, 10**7)]):,}"
    return source.choice([text] * 7 + [f"({text})"] * 2 + ["—"])


def statement(seed: int, look: dict[str, Any]) -> tuple[bytes, Rows]:
    """A page with a statement between two paragraphs, and its rows, the names of columns first."""
    source = random.Random(seed)
    two = look.get("two", False)
    page = Drawing(source, look.get("font", "Helvetica"), 7.5 if two else 9)
    count, gap, lead = look.get("columns", 2), 52 if two else 80, page.size * look.get("lead", 1.3)
    width = 226 if two else 468
    ends = [72 + width - (count - 1 - number) * gap - 4 for number in range(count)]
    if two:
        page.prose(72 + 244, 720, 224, 50)
    y = page.prose(72, 720, width, 8) - 2 * page.size
    rows = [_names(page, look, ends, y, lead)]
    y -= lead * (3 if look.get("names") == "three" else 2) + 3
    labels = source.sample(LABELS, 11)
    labels[4], labels[8] = source.choice(LONG), source.choice(LONG)
    for number, label in enumerate(labels):
        if number in (0, 6):
            section = source.choice(SECTIONS)
            page.put(72, y, section, bold=number == 0)
            rows.append([section] + [""] * count)
            y -= lead
        figures = [figure(source) for _ in range(count)]
        signs = look.get("signs") == "all" or (look.get("signs") == "some" and number in (0, 10))
        parts = page.wrapped(label.split(), ends[0] - gap - 74)
        for place, part in enumerate(parts):
            page.put(82 + 8 * (place > 0), y, part)
            if place == (0 if look.get("first") else len(parts) - 1):
                _figures(page, ends, gap, y, figures, signs=signs)
                begin = 82 + 8 * (place > 0) + page.width(part) + 3
                dots = int((ends[0] - gap + 12 - begin) / page.width(".")) if look.get("dots") else 0
                page.put(begin, y, "." * dots if dots > 4 else "")
            y -= lead
        rows.append([label, *(f"${one}" if signs else one for one in figures)])
    page.prose(72, y - 12, width, 6)
    return page.pdf(look.get("order", "lines")), rows


def _names(page: Drawing, look: dict[str, Any], ends: Sequence[float], y: float, lead: float) -> list[str]:
    years = [str(2023 - number) for number in range(len(ends))]
    if look.get("names") == "three":
        for end, names in zip(ends, NAMES, strict=False):
            for number, name in enumerate(names):
                page.put(end - 22, y - number * lead, name, 0.5, bold=True)
        return ["", *(" ".join(names).strip() for names in NAMES[: len(ends)])]
    over = "Years ended December 31," if look.get("names") == "over" else ""
    if over:
        page.put((ends[0] - 36 + ends[-1]) / 2, y, over, 0.5, bold=True)
    unit = "(in millions)" if look.get("names") == "unit" else ""
    page.put(72, y - lead, unit)
    for end, year in zip(ends, years, strict=True):
        page.put(end, y - lead, year, 1.0, bold=True)
        if look.get("rules"):
            page.lines.append((end - 50, y - lead - 2, end, y - lead - 2))
    return [unit, *(f"{over} {year}".strip() for year in years)]


def _figures(
    page: Drawing, ends: Sequence[float], gap: float, y: float, figures: Sequence[str], *, signs: bool
) -> None:
    for end, one in zip(ends, figures, strict=True):
        page.put(end, y, one.removesuffix(")"), 1.0)
        page.put(end, y, ")" if one.endswith(")") else "")
        page.put(end - gap + 24, y, "$" if signs else "")


def ruled(seed: int, look: dict[str, Any]) -> tuple[bytes, Rows]:
    """A page with a table of words and figures whose cells may have several lines, and its rows."""
    source = random.Random(seed)
    style = getSampleStyleSheet()["Normal"].clone("own", fontSize=9, leading=11)
    rows = [["Place", "Fee in euro", "Share", "Opening hours"]]
    for place, hours in zip(PLACES, HOURS, strict=True):
        rows.append([place, figure(source), f"{source.randint(1, 99)}%", hours])
    cells = [[Paragraph(f"<b>{one}</b>", style) for one in rows[0]]]
    cells += [[Paragraph(one, style) for one in row] for row in rows[1:]]
    black = (0.5, colors.black)
    styles: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), look.get("align", "TOP"))]
    styles += [(kind, (0, 0), (-1, -1), *black) for kind in look.get("rules", [])]
    styles += [("LINEBELOW", (0, 0), (-1, 0), *black)] if look.get("head") else []
    styles += [("BACKGROUND", (0, n), (-1, n), colors.lightgrey) for n in range(0, 6, 2)] if look.get("shade") else []
    out, text = io.BytesIO(), Paragraph(" ".join(PROSE), style)
    story = [text, Spacer(1, 12), Table(cells, style=styles, colWidths=[110] * 4), Spacer(1, 12), text]
    SimpleDocTemplate(out, pagesize=letter).build(story)
    return out.getvalue(), rows


def looks() -> list[tuple[Callable[[int, dict[str, Any]], tuple[bytes, Rows]], dict[str, Any]]]:
    """How the tables look."""
    plain = [
        {"font": font, "signs": signs, "columns": columns, "names": names, "rules": names == "over"}
        for font in ("Helvetica", "Times-Roman")
        for signs, names in (("none", "years"), ("some", "over"), ("all", "unit"), ("some", "three"))
        for columns in (2, 3)
    ]
    special: list[dict[str, Any]] = [
        {"columns": 1}, {"columns": 4}, {"order": "columns", "columns": 3}, {"order": "random", "signs": "all"},
        {"dots": True}, {"dots": True, "signs": "all"}, {"two": True}, {"two": True, "signs": "some"}, {"first": True},
        {"lead": 1.9}, {"order": "random", "names": "three", "columns": 3}, {"lead": 1.15},
    ]  # fmt: skip
    grids: list[dict[str, Any]] = [
        {"rules": ["GRID"]}, {"rules": ["INNERGRID"]}, {"rules": ["LINEBELOW"]}, {"head": True},
        {"rules": ["BOX", "INNERGRID"], "shade": True}, {"shade": True}, {"rules": ["GRID"], "align": "MIDDLE"},
    ]  # fmt: skip
    return [(statement, look) for look in plain + special] + [(ruled, look) for look in grids]


def bare(row: Sequence[str | None]) -> tuple[str, ...]:
    """Cells without their white space."""
    return tuple("".join((cell or "").split()) for cell in row)


def beside(data: bytes) -> tuple[list[set[tuple[str, ...]]], float, float]:
    """What pdfplumber finds in its two ways, its seconds, and those of pypdf."""
    import pdfplumber
    from pypdf import PdfReader

    found: list[set[tuple[str, ...]]] = []
    begun = time.process_time()
    for way in ("lines", "text"):
        with pdfplumber.open(io.BytesIO(data)) as document:
            tables = [
                table
                for page in document.pages
                for table in page.extract_tables({"vertical_strategy": way, "horizontal_strategy": way})
            ]
        found.append({bare(row) for table in tables for row in table})
    middle = time.process_time()
    for page in PdfReader(io.BytesIO(data)).pages:
        page.extract_text()
    return found, (middle - begun) / 2, time.process_time() - middle


def filings(folder: Path, files: int, pages: int) -> None:
    """Write so many PDFs of so many of the pages."""
    number = 0
    kinds = looks()
    for file in range(files):
        whole = pypdfium2.PdfDocument.new()
        for _ in range(pages):
            draw, look = kinds[number % len(kinds)]
            whole.import_pages(pypdfium2.PdfDocument(draw(number, look)[0]))
            number += 1
        whole.save(folder / f"filing-{file}.pdf")


def measure_build(files: int, pages: int) -> None:
    """Seconds of a build of such files by stage, and the whole as a multiple of the encoder's own."""
    encoder = load_encoder()
    encoder.encode(["Loaded before it is measured."])
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        filings(corpus, files, pages)
        begun = time.perf_counter()
        report = build(corpus, Path(name) / "index", encoder)
        seconds = time.perf_counter() - begun
    figures = {
        "files": files, "pages": files * pages, "passages": report.passages, "s": round(seconds, 2),
        **{stage: round(spent, 2) for stage, spent in report.seconds.items()},
        "times the encoder's own (target: at most 1.3)": round(seconds / report.seconds["embedding"], 2),
    }  # fmt: skip
    print(json.dumps(figures, indent=2))


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="tables of each look")
    parser.add_argument("--beside", action="store_true", help="pdfplumber and pypdf on the same pages")
    parser.add_argument("--build", type=int, default=0, help="build an index of so many files instead")
    parser.add_argument("--pages", type=int, default=27, help="of each of these files")
    arguments = parser.parse_args()
    if arguments.build:
        measure_build(arguments.build, arguments.pages)
        return
    total, right, names, false, tables = 0, 0, 0, 0, 0
    seconds, others, other_seconds, pypdf_seconds = 0.0, 0, 0.0, 0.0
    for number, (draw, look) in enumerate(looks() * arguments.seeds):
        data, rows = draw(number, look)
        begun = time.process_time()
        taken = read_pdf(data)
        seconds += time.process_time() - begun
        found = {bare([taken.text[start:end] for start, end in block.cells]) for block in taken.blocks if block.cells}
        expected = [bare(row) for row in rows]
        tables, total = tables + 1, total + len(expected) - 1
        right += sum(row in found for row in expected[1:])
        names += expected[0] in found
        false += len(found - set(expected))
        if arguments.beside:
            sets, once, pypdf_once = beside(data)
            others += max(sum(row in one for row in expected[1:]) for one in sets)
            other_seconds, pypdf_seconds = other_seconds + once, pypdf_seconds + pypdf_once
    figures: dict[str, Any] = {
        "tables": tables, "rows": total, "rows right": right, "names right": names, "rows that are none": false,
        "ms a page": round(1000 * seconds / tables),
    }  # fmt: skip
    if arguments.beside:
        figures |= {
            "pdfplumber rows right": others, "pdfplumber ms a page": round(1000 * other_seconds / tables),
            "pypdf ms a page": round(1000 * pypdf_seconds / tables),
        }  # fmt: skip
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
