"""Errors of recognised text, over pages drawn here from known words: `python benchmarks/scans.py [--pages 30]`.

Each page is drawn in 150 and in 300 dots an inch, straight and turned by two degrees, and stored as a picture; the
picture alone is read. The character error rate is the least number of characters to be taken out, put in or exchanged,
per character of the page, white space counted as one space. Needs the extras `ocr` and `test`. `--tesseract` has the
system's Tesseract read the same pictures instead, to compare.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import subprocess
import time

import numpy as np
import pypdfium2
from pdf_tables import PROSE
from PIL import Image
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from partnership_qa.sources import ocr
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.pdf import read_pdf

FONTS = ["Helvetica", "Times-Roman", "Courier", "Helvetica-Bold", "Times-Italic"]
SIZES = [9, 10, 11, 12]  # points
LINES = 32
WIDTH, HEIGHT = letter
MARGIN = 50


def page_of(number: int) -> tuple[bytes, str]:
    """A page of short and wide lines of words, numbers and sums of money, and its text."""
    chance = random.Random(number)
    font, size = FONTS[number % len(FONTS)], SIZES[number % len(SIZES)]
    lines = []
    for _ in range(LINES):
        words = chance.choices(PROSE, k=chance.choice([4, 8, 30]))
        while len(words) > 1 and stringWidth(" ".join(words), font, size) > WIDTH - 2 * MARGIN - 50:
            words.pop()
        words[chance.randrange(len(words))] = chance.choice(
            [f"${chance.randrange(10**6):,}", f"{chance.randrange(999) / 10}%", f"(Section {chance.randrange(30)})"]
        )
        lines.append(" ".join(words))
    stored = io.BytesIO()
    canvas = Canvas(stored, pagesize=letter)
    canvas.setFont(font, size)
    for row, line in enumerate(lines):
        canvas.drawString(MARGIN, HEIGHT - 72 - 20 * row, line)
    canvas.save()
    return stored.getvalue(), " ".join(lines)


def pictured(page: bytes, dots: int, degrees: float) -> Image.Image:
    """The same page as a picture, turned about its middle."""
    picture = pypdfium2.PdfDocument(page)[0].render(scale=dots / 72, grayscale=True).to_pil()
    return picture.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)


def by_tesseract(picture: Image.Image, dots: int) -> str:
    """What Tesseract reads."""
    stored = io.BytesIO()
    picture.save(stored, "PNG", dpi=(dots, dots))
    command = ["tesseract", "stdin", "stdout", "-l", "eng"]
    return subprocess.run(command, input=stored.getvalue(), capture_output=True, check=True).stdout.decode()


def scanned(picture: Image.Image, dots: int) -> bytes:
    """A PDF that holds nothing but the picture."""
    stored = io.BytesIO()
    width, height = (72 * pixels / dots for pixels in picture.size)
    canvas = Canvas(stored, pagesize=(width, height))
    canvas.drawImage(ImageReader(picture), 0, 0, width, height)
    canvas.save()
    return stored.getvalue()


def distance(one: str, two: str) -> int:
    """Least number of characters to take out, put in or exchange."""
    other = np.array([ord(char) for char in two], np.int64)
    columns = np.arange(len(two) + 1)
    row = columns
    for number, char in enumerate(one, 1):
        exchanged = np.minimum(row[:-1] + (other != ord(char)), row[1:] + 1)
        row = np.minimum.accumulate(np.concatenate(([number], exchanged)) - columns) + columns
    return int(row[-1])


def seconds() -> float:
    """Seconds of processor so far, with those of programs that were started."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


def main() -> None:
    """Read the options, recognise the pages and print the rates, the whole at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--tesseract", action="store_true")
    arguments = parser.parse_args()
    pages = [page_of(number) for number in range(arguments.pages)]
    if not arguments.tesseract and ocr._engine() is None:
        raise SystemExit("the extra `ocr` is not installed")
    for dots in (150, 300):
        for degrees in (0, 2):
            errors = characters = refused = 0
            begun = seconds()
            for page, text in pages:
                picture = pictured(page, dots, degrees)
                try:
                    taken = (
                        by_tesseract(picture, dots) if arguments.tesseract else read_pdf(scanned(picture, dots)).text
                    )
                    read = " ".join(taken.split())
                except NotTextError:
                    read, refused = "", refused + 1
                errors += distance(read, text)
                characters += len(text)
            figures = {
                "dots an inch": dots, "degrees": degrees, "pages": len(pages), "pages without text": refused,
                "character error rate in %": round(100 * errors / characters, 3),
                "s of processor a page": round((seconds() - begun) / len(pages), 2),
            }  # fmt: skip
            print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
