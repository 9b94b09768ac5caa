"""The text of a message told apart: its own words, what it quotes of earlier messages, its signature.

Told by shape alone, whatever the language: lines behind `>`; the paragraph before them that ends with a colon and holds
a date or an address (`On … wrote:`); a line of dashes over lines like headers (`-----Original Message-----`), or three
and more such lines by themselves; and `-- ` above a signature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_QUOTED = 8  # levels that are told apart
_QUOTE = re.compile(r" ?> ?")
_DASHES = re.compile(r"\s*(?:-{2,}\s?([^-\n]{3,60}?)\s?-{2,}|_{10,})\s*\Z")
_HEADER = re.compile(r"\s*\*?[^\W\d_][\w -]{1,15}:\*?\s+\S")
_TIME = re.compile(r"\d{1,2}:\d\d")
_MIN_HEADERS, _MAX_HEADERS = 3, 8  # lines
_SIGN = re.compile(r"--\s?\Z")
_LONGEST = 500  # characters of an introduction
_WRAPPED = 50  # characters of a line that may go on in the next
_MAX_INTRODUCTION, _MAX_SIGNATURE = 4, 20  # lines
QUOTED = "Quoted"  # stands over a quotation that nothing introduces


class Part(NamedTuple):
    """Some lines of a message.

    Attributes:
        text: their words, without the signs of quotation.
        depth: 0 for the message's own words, else how many messages back.
        title: what introduces the quotation that follows; `text` is empty then.
        is_between: whether it is quoted between the message's own words.
        is_signature: whether it is a signature.

    """

    text: str
    depth: int = 0
    title: str = ""
    is_between: bool = False
    is_signature: bool = False


def introduces(text: str) -> bool:
    """Whether a paragraph introduces a quotation: it holds a date or an address and ends with a colon."""
    short = text.rstrip()
    return len(short) <= _LONGEST and short.endswith(":") and any(char.isdigit() or char == "@" for char in short)


def looks_like_headers(text: str) -> bool:
    """Whether a paragraph is lines like the headers of a message: three or more, and an address or a date in them."""
    lines = [line for line in text.split("\n") if line.strip()]
    named = sum(_HEADER.match(line) is not None for line in lines)
    return named > 2 and named >= len(lines) - 1 and any(char.isdigit() or char == "@" for char in text)


def parts_of(text: str, depth: int = 0) -> Iterator[Part]:
    """The parts of a message's text in order; a quotation at its foot comes behind the signature."""
    lines = text.split("\n")
    at = _original(lines)
    lines, behind = lines[:at], lines[at:]
    foot = len(lines)
    while foot and (not lines[foot - 1].strip() or _QUOTE.match(lines[foot - 1])):
        foot -= 1
    # A signature may stand below the quotation too.
    sign = next((n for n in range(len(lines) - 1, -1, -1) if _SIGN.match(lines[n])), None)
    signature: list[str] = []
    if sign is not None and not any(_QUOTE.match(line) for line in lines[sign:foot]):
        introduced = _introduction(lines, foot) if foot < len(lines) else foot
        signature = lines[sign + 1 : max(sign + 1, introduced)]
    if sign is not None and 0 < len(signature) <= _MAX_SIGNATURE:
        lines[sign : sign + 1 + len(signature)] = [""]
        foot = len(lines)
        while foot and (not lines[foot - 1].strip() or _QUOTE.match(lines[foot - 1])):
            foot -= 1
    quoted = [line for line in lines[foot:] if line.strip()]
    begin = _introduction(lines, foot) if quoted else foot
    yield from _own(lines[:begin], depth)
    if len(signature) <= _MAX_SIGNATURE and any(line.strip() for line in signature):
        yield Part("\n".join(line.rstrip() for line in signature).strip("\n"), depth, is_signature=True)
    if quoted:
        yield from _earlier(" ".join("\n".join(lines[begin:foot]).split()), _stripped(lines[foot:]), depth + 1)
    if behind:
        match = _DASHES.match(behind[0])
        title = ((match and match.group(1)) or "") if match else behind[0].strip(" -") if introduces(behind[0]) else ""
        yield from _earlier(title, behind[1:] if match or title else behind, depth + 1)


def _earlier(title: str, lines: Sequence[str], depth: int) -> Iterator[Part]:
    """A quotation at the foot of a message: its title, and its own parts."""
    yield Part("", depth, title or QUOTED)
    if depth < MAX_QUOTED:
        yield from parts_of("\n".join(lines), depth)
    else:
        yield Part("\n".join(line.lstrip("> ") for line in lines), depth)


def _original(lines: Sequence[str]) -> int:
    """Number of the line that opens a message put below this one; of the end where there is none.

    It is a line of dashes or a rule over headers, the first of several headers that stand in the text by themselves, or
    the line above these that introduces them.
    """
    above = -1  # number of the last line that says something
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if _DASHES.match(line) and sum(_HEADER.match(one) is not None for one in lines[number + 1 : number + 7]) > 1:
            return number
        if above >= 0 and _are_headers(lines[number:]):
            introduced = introduces(lines[above])
            if introduced or not lines[number - 1].strip():
                return above if introduced else number
        above = number
    return len(lines)


def _are_headers(lines: Sequence[str]) -> bool:
    """Whether the lines begin with several that are like headers, an address in the first and a date in another."""
    if "@" not in lines[0] or not _HEADER.match(lines[0]):
        return False
    held: list[str] = []
    for line in lines:
        if line.strip() and (not _HEADER.match(line) or len(held) == _MAX_HEADERS):
            break
        held += [line] if line.strip() else []
    return len(held) >= _MIN_HEADERS and any(_TIME.search(line) for line in held[1:])


def _introduction(lines: Sequence[str], end: int) -> int:
    """Where the paragraph begins that introduces the quotation after line `end`; `end` where none does."""
    last = end
    while last and not lines[last - 1].strip():
        last -= 1
    first = last
    while first and last - first < _MAX_INTRODUCTION and lines[first - 1].strip():
        above, taken = lines[first - 1], "\n".join(lines[first:last])
        if _QUOTE.match(above) or _SIGN.match(above) or (introduces(taken) and len(above) < _WRAPPED):
            break
        first -= 1
    return first if first < last and introduces("\n".join(lines[first:last])) else end


def _own(lines: Sequence[str], depth: int) -> Iterator[Part]:
    """A message's own words, with what it quotes between them."""
    run: list[str] = []
    is_quoted = False
    for line in [*lines, None]:
        quoted = line is not None and _QUOTE.match(line) is not None
        if line is None or quoted is not is_quoted:
            yield from _run(run, depth, is_quoted=is_quoted)
            run, is_quoted = [], quoted
        if line is not None:
            run.append(line)


def _run(lines: list[str], depth: int, *, is_quoted: bool) -> Iterator[Part]:
    if not is_quoted:
        if any(line.strip() for line in lines):
            yield Part("\n".join(lines).strip("\n"), depth)
        return
    words: list[str] = []
    level = 0
    for line in [*lines, ""]:
        signs, rest = 0, line
        while (match := _QUOTE.match(rest)) and signs < MAX_QUOTED:
            signs, rest = signs + 1, rest[match.end() :]
        if words and (signs != level or not rest.strip()):
            yield Part(" ".join(words), depth + level, is_between=True)
            words = []
        level = signs
        words += rest.split()


def _stripped(lines: Sequence[str]) -> list[str]:
    return [_QUOTE.sub("", line, count=1) for line in lines]
