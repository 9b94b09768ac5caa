"""Files of every kind, broken on purpose: the same seed gives the same files."""

from __future__ import annotations

import io
import random
import re
import zipfile
from functools import cache
from typing import TYPE_CHECKING

from files import docx, epub, item, level, mbox, message, pdf, saved, word, xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LISTS = (
    f'<w:abstractNum w:abstractNumId="1">{level(0, "%1.")}{level(1, "%1.%2")}</w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
)
_PAGE = b"<html><body><h1>Oil</h1><p>It burnt oil.<table><tr><td>a<td>1<tr><td>b<td>2</table><ul><li>x<li>y</ul>"


@cache
def slides() -> bytes:
    """A presentation with a list, a table and notes."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    one = deck.slides.add_slide(deck.slide_layouts[1])
    one.shapes.title.text, one.placeholders[1].text = "Fees", "Three crowns"
    one.notes_slide.notes_text_frame.text = "Say it slowly."
    table = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_table(2, 2, 0, 0, Inches(3), Inches(1)).table
    for row, cells in enumerate((("Boat", "Fee"), ("Dinghy", "3"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    return saved(deck)


@cache
def whole() -> dict[str, list[bytes]]:
    """Sound files by suffix."""
    book = xlsx({"Prices": [("Boat", "Fee"), ("Dinghy", 3), ("Cutter", "=B2*2")], "Other": [("Oil",), (7,)]})
    numbered = word("".join(item(f"Clause {n}.", n % 2) for n in range(6)), _LISTS)
    read = epub({"a.xhtml": "<body><h1>Oil</h1><p>It burnt oil.</p></body>", "b.xhtml": "<body><p>Gas.</p></body>"})
    mail = message("Yes.\n\nOn 1 May 2024 Bob wrote:\n> No.\n", {"p.xlsx": book, "h.docx": numbered}, "<p>Yes.</p>")
    table = "Boat;Fee\n" + "".join(f'"Boat {n}";{n},5\n' for n in range(50))
    return {
        ".html": [_PAGE], ".pdf": [pdf([["Some words stand here."], ["And here."]])], ".docx": [docx(), numbered],
        ".xlsx": [book], ".csv": [table.encode()], ".tsv": [table.replace(";", "\t").encode("utf-16")],
        ".pptx": [slides()], ".epub": [read], ".eml": [mail], ".mbox": [mbox([mail, message("Yes.\n")])],
    }  # fmt: skip


def broken(seed: int, count: int) -> Iterator[tuple[str, str, bytes]]:
    """So many files: what was done to each, its suffix, its bytes."""
    chance = random.Random(seed)
    suffixes = sorted(whole())
    for number in range(count):
        suffix = suffixes[number % len(suffixes)]
        data = chance.choice(whole()[suffix])
        ways = [*_WAYS, *(_ZIPPED if data.startswith(b"PK") else _WAYS)]
        way = chance.choice(ways)
        yield f"{number}: {way.__name__[1:]}", chance.choice(suffixes) if way is _renamed else suffix, way(data, chance)


def _flipped(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def _repeated(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    part = data[start : start + chance.randrange(1, 2000)]
    return data[:start] + part * chance.choice((2, 50, 1000)) + data[start:]


def _renamed(data: bytes, chance: random.Random) -> bytes:
    return data


def _noise(data: bytes, chance: random.Random) -> bytes:
    return data[:4] + chance.randbytes(chance.randrange(5000))


def _members(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = change(entry.filename, old.read(entry))
            if content is not None:
                new.writestr(entry.filename, content)
    return out.getvalue()


def _picked(data: bytes, chance: random.Random, change: Callable[[bytes], bytes | None]) -> bytes:
    """An archive with one of the members that are read changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith(("xml", "rels", "opf")) and "theme" not in name]
    name = chance.choice(names)
    return _members(data, lambda one, content: change(content) if one == name else content)


def _flipped_inside(data: bytes, chance: random.Random) -> bytes:
    return _picked(data, chance, lambda content: _flipped(content or b" ", chance))


def _cut_inside(data: bytes, chance: random.Random) -> bytes:
    return _picked(data, chance, lambda content: _cut(content or b" ", chance))


def _left_out(data: bytes, chance: random.Random) -> bytes:
    return _picked(data, chance, lambda content: None)


def _nested(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randrange(1, 5)):
        inner = data
        data = _members(inner, lambda name, content, inner=inner: inner if name.endswith("xml") else content)
        if len(data) > 2**21:
            break
    return data


def _giant(data: bytes, chance: random.Random) -> bytes:
    """Numbers of the file, such as its dimensions, become great."""
    great = str(chance.choice((0, 2**15, 2**20, 2**31, 10**15))).encode()
    return _picked(data, chance, lambda content: re.sub(rb'(?<==")\d+(?=")|(?<="A)\d+(?=")', great, content))


def _deep(data: bytes, chance: random.Random) -> bytes:
    """Elements are put into one another."""
    many = chance.choice((100, 5_000, 100_000))

    def nest(content: bytes) -> bytes:
        tags = re.findall(rb"<([a-zA-Z:]+)>", content) or [b"p"]
        tag = chance.choice(tags)
        at = content.find(b"<" + tag + b">")
        return content[: max(at, 0)] + b"<%s>" % tag * many + content[max(at, 0) :] + b"</%s>" % tag * many

    return _picked(data, chance, nest)


def _exploding(data: bytes, chance: random.Random) -> bytes:
    """Entities are defined by entities, or by a file."""
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"ha" * 50) for n in range(12))
    entities = chance.choice((entities, b'<!ENTITY e11 SYSTEM "file:///etc/passwd">'))

    def explode(content: bytes) -> bytes:
        head = re.match(rb"<\?xml[^>]*\?>\s*", content)
        at = head.end() if head else 0
        body = re.sub(rb">([^<>]+)<", b">&e11;<", content[at:], count=3)
        return content[:at] + b"<!DOCTYPE x [" + entities + b"]>" + body

    return _picked(data, chance, explode)


_WAYS = [_flipped, _cut, _repeated, _renamed, _noise]
_ZIPPED = [_flipped_inside, _cut_inside, _left_out, _nested, _giant, _deep, _exploding] * 2
