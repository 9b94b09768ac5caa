"""What comes out right of Office files, books and mail: numbers of clauses, values as shown, addresses.

    python benchmarks/formats.py [--seed 1] [--each 12]

Makes documents of each kind by chance and counts what is read as it was written. Where LibreOffice (`soffice`) is
installed it is asked too: it lays out the same numbered documents as text and the same sheets as CSV, computing numbers
and formats by its own rules; where the two differ the lines are printed.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from files import epub, item, level, mbox, message, saved, word, xlsx

from partnership_qa.document import place_of
from partnership_qa.sources.delimited import read_csv
from partnership_qa.sources.docx import read_docx
from partnership_qa.sources.epub import read_epub
from partnership_qa.sources.mail import read_eml, read_mbox
from partnership_qa.sources.sheets import column_name
from partnership_qa.sources.slides import read_pptx
from partnership_qa.sources.xlsx import read_xlsx

KINDS = ("decimal", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman", "decimalZero")
SHAPES = ("%{}.", "%{})", "({})".replace("{}", "%{}"), "%{}")
FORMATS = ("General", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.0%", '#,##0.00 "€"', "[$$-409]#,##0.00",
           "#,##0;(#,##0)", "0.00E+00", "000", '0.0,"k"', "# ?/?")  # fmt: skip
DATES = ("d mmmm yyyy", "dd.mm.yyyy", "yyyy-mm-dd", "mmm yy", "d.m.yy hh:mm", "dddd, d mmm")
NAMES = ["Ingrid Holm", "Carl Lund", "Maria Ekdahl", "Elias Brandt", "Olga Petrova", "Kurt Weber"]


class Count:
    """How many of how many are right, by what is counted."""

    def __init__(self) -> None:
        self.right: dict[str, list[int]] = {}

    def add(self, what: str, found: object, expected: object) -> None:
        """Count one, and show it where it is wrong."""
        pair = self.right.setdefault(what, [0, 0])
        pair[0] += found == expected
        pair[1] += 1
        if found != expected:
            print(f"  {what}: {found!r} is not {expected!r}")


def converted(data: bytes, suffix: str, to: str) -> str | None:
    """A file as LibreOffice writes it in another format; `None` without LibreOffice."""
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"a{suffix}"
        source.write_bytes(data)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--convert-to", to, "--outdir", folder, str(source)]
        subprocess.run(command, capture_output=True, check=True, timeout=180)
        made = [path for path in Path(folder).iterdir() if path.is_file() and path != source]
        return made[0].read_text("utf-8-sig") if made else None


def numbered(chance: random.Random) -> bytes:
    """Clauses of a list with levels, formats and starts by chance, and a second list that starts it anew."""
    levels = ""
    for at in range(4):
        whole = "".join(f"%{n + 1}." for n in range(at)) if chance.random() < 0.5 else ""
        shape = whole + chance.choice(SHAPES).format(at + 1)
        levels += level(at, shape, chance.choice(KINDS), start=chance.choice((1, 1, 1, 3)))
    start = f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{chance.randrange(1, 9)}"/></w:lvlOverride>'
    lists = (
        f'<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="1"/>{start}</w:num>'
    )
    depth, body = 0, ""
    for number in range(30):
        body += item(f"clause {number}.", depth, 1 if number < 20 else 2)
        depth = chance.choice([one for one in (depth - 1, depth, depth, depth + 1) if 0 <= one < 4])
    return word(body, lists)


def documents(chance: random.Random, each: int, count: Count) -> None:
    """DOCX: the number of every clause, against LibreOffice's."""
    for _ in range(each):
        data = numbered(chance)
        shown = converted(data, ".docx", "txt:Text (encoded):UTF8")
        if shown is None:
            return
        taken = read_docx(data)
        ours = [taken.text[block.start : block.end] for block in taken.blocks]
        theirs = [" ".join(line.split()) for line in shown.split("\n") if line.strip()]
        for mine, other in zip(ours, theirs, strict=True):
            # Ours has the levels above before a number that does not repeat them.
            count.add("docx numbers (LibreOffice)", mine.endswith(other) and (mine, other)[1], other)


def sheets(chance: random.Random, each: int, count: Count) -> None:
    """XLSX: values as shown, against LibreOffice's; addresses, against where they were put."""
    for _ in range(each):
        rows: list[list[object]] = [["Name", "Amount", "Share", "Day", "Remark"]]
        formats = {}
        for number in range(2, 22):
            day = dt.datetime(2024, 1, 1) + dt.timedelta(minutes=chance.randrange(10**6))  # noqa: DTZ001 - as in sheets
            value = chance.choice((chance.randrange(-9999, 10**6), round(chance.uniform(-10, 10**5), 3)))
            rows.append([f"name {number}", value, round(chance.random(), 3), day, f"remark {number}"])
            formats |= {f"S!B{number}": chance.choice(FORMATS), f"S!C{number}": chance.choice(FORMATS)}
            formats[f"S!D{number}"] = chance.choice(DATES)
        data = xlsx({"S": rows}, formats)
        taken = read_xlsx(data)
        cells = [[taken.text[start:end] for start, end in block.cells] for block in taken.blocks if block.cells]
        for number, block in enumerate((block for block in taken.blocks if block.cells), 1):
            for column, span in enumerate(block.cells, 1):
                count.add("xlsx addresses", place_of(taken.places, span.start), f"S!{column_name(column)}{number}")
        shown = converted(data, ".xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true")
        if shown is not None:
            for row, mine in zip(list(csv.reader(io.StringIO(shown))), cells, strict=True):
                for one, other in zip(mine, row, strict=True):
                    count.add("xlsx values (LibreOffice)", one, " ".join(other.split()))


def tables(chance: random.Random, each: int, count: Count) -> None:
    """CSV: cells and addresses in several dialects and encodings."""
    for _ in range(each):
        delimiter, encoding = chance.choice(",;\t|"), chance.choice(("utf-8", "utf-8-sig", "utf-16"))
        rows = [["Name", "City; or town", "Sum"]]
        rows += [[chance.choice(NAMES), f'the "{n}", Malmö', f"{n},5"] for n in range(20)]
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows(rows)
        taken = read_csv(out.getvalue().encode(encoding))
        for number, (block, row) in enumerate(zip(taken.blocks, rows, strict=True), 1):
            for column, (span, expected) in enumerate(zip(block.cells, row, strict=True), 1):
                count.add("csv cells", taken.text[span.start : span.end], expected)
                count.add("csv addresses", place_of(taken.places, span.start), f"{column_name(column)}{number}")


def slides(chance: random.Random, each: int, count: Count) -> None:
    """PPTX: the slide of every bullet and note."""
    from pptx import Presentation

    for _ in range(each):
        deck, expected = Presentation(), {}
        for number in range(1, 9):
            made = deck.slides.add_slide(deck.slide_layouts[1])
            made.shapes.title.text = chance.choice(("", f"Title {number}."))
            made.placeholders[1].text = f"bullet {number}."
            expected[f"bullet {number}."] = f"slide {number}"
            if chance.random() < 0.5:
                made.notes_slide.notes_text_frame.text = f"note {number}."
                expected[f"note {number}."] = f"slide {number}, notes"
        taken = read_pptx(saved(deck))
        for words, address in expected.items():
            at = taken.text.find(words)
            count.add("pptx places", place_of(taken.places, at), address)
            page = sum(start <= at for start in taken.pages)
            count.add("pptx pages", f"slide {page}", address.partition(",")[0])


def books(chance: random.Random, each: int, count: Count) -> None:
    """EPUB: order and address of every chapter."""
    for _ in range(each):
        order = [f"{chance.randrange(10**6)}.xhtml" for _ in range(8)]
        pages = {name: f"<body><p>words of {n}.</p></body>" for n, name in enumerate(order)}
        taken = read_epub(epub(pages, {name: f"Chapter {n}" for n, name in enumerate(order) if n % 2}))
        found = [taken.text.find(f"words of {n}.") for n in range(8)]
        count.add("epub order", found, sorted(found))
        for n, name in enumerate(order):
            count.add("epub places", place_of(taken.places, found[n]), f"Chapter {n}" if n % 2 else name)


def mails(chance: random.Random, each: int, count: Count) -> None:
    """EML and MBOX: own words, quoted words and attachments under the right address."""
    for _ in range(each):
        made, expected = [], {}
        for number in range(6):
            name, day = chance.choice(NAMES), dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(300))
            headers = {
                "From": f"{name} <x@example.org>",
                "Date": f"{day:%d %b %Y} 10:00:00 +0000",
                "Subject": f"S {number}",
            }
            address = f"message of {day} from {name}"
            text = f"own {number}.\n\n-- \nsigned {number}.\n\nOn 1 May 2023 Bob wrote:\n> quoted {number}.\n"
            book = xlsx({"P": [("Name", "Sum"), (f"cell {number}", 7)]})
            made.append(message(text, {"p.xlsx": book}, headers=headers))
            expected |= {f"{what} {number}.": address for what in ("own", "quoted", "signed")}
            expected[f"cell {number}"] = f"{address}, p.xlsx, P!A2"
        for taken in (read_mbox(mbox(made)), *map(read_eml, made)):
            for words, address in expected.items():
                if words in taken.text:
                    count.add("mail places", place_of(taken.places, taken.text.index(words)), address)
        taken = read_mbox(mbox(made))
        count.add("mail: nothing is lost", [words for words in expected if words not in taken.text], [])


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=12)
    arguments = parser.parse_args()
    count = Count()
    for kind in (documents, sheets, tables, slides, books, mails):
        kind(random.Random(arguments.seed), arguments.each, count)
    for what, (right, of) in count.right.items():
        print(f"{what:32} {right:5} of {of:5}")


if __name__ == "__main__":
    main()
