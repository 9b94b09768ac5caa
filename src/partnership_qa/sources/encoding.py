"""Bytes into text: UTF-8 as it stands, UTF-16 where a mark says so, and a guess that is reported as one."""

from __future__ import annotations

import codecs
import re

from ..errors import PartnershipQAError

_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_CONTROLS = frozenset(range(32)) - {*b"\t\n\v\f\r\x1b"} | frozenset(range(0x7F, 0xA0))
# A file that opens like this is no text, whatever it is called.
_OTHERS = {
    b"%PDF-": "a PDF", b"PK\x03\x04": "a ZIP archive", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture", b"\x1f\x8b": "a compressed file", b"\x7fELF": "a program", b"{\\rtf": "an RTF document",
}  # fmt: skip


_NAMED = re.compile(r"read as ([\w.-]+)")


class NotTextError(PartnershipQAError):
    """Bytes that are no text; the message completes the sentence `left out: it …`."""


def decode(data: bytes) -> tuple[str, str]:
    """Text of a file's bytes, and a note for its owner, which is empty for UTF-8.

    UTF-8 is decoded as it stands, a byte-order mark and the line endings included. In other encodings the mark is not
    part of the text.

    Raises:
        NotTextError: no text is in them, or it is not UTF-8 and what could tell more is not installed.

    """
    for opening, kind in _OTHERS.items():
        if data.startswith(opening):
            raise NotTextError(f"it is {kind}, not a text")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding), f"read as {encoding.upper()}"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guessed(data, error.start)
    if "\0" in text:
        raise NotTextError("it holds NUL characters, so it is not a text")
    return text, ""


def encoding_of(note: str) -> str:
    """Name of the encoding in lower case that a text was read in, from the note that `decode` gave."""
    found = _NAMED.search(note)
    return found[1].lower() if found else "utf-8"


def byte_span(text: str, start: int, end: int, encoding: str, size: int) -> tuple[int, int] | None:
    """The bytes of a file that are characters `[start, end)` of its text; `None` where that cannot be told.

    Args:
        text: as `decode` gave it.
        start, end: characters.
        encoding: as `encoding_of` names it.
        size: bytes of the file; needed only where it is neither UTF-8 nor marked as UTF-16 or UTF-32.

    """
    if encoding in ("utf-8", "utf-16", "utf-32"):
        plain = encoding if encoding == "utf-8" else f"{encoding}-le"
        mark = {"utf-8": 0, "utf-16": 2, "utf-32": 4}[encoding]  # in UTF-8 the mark is a character of the text
        first = mark + len(text[:start].encode(plain))
        return first, first + len(text[start:end].encode(plain))
    return (start, end) if size == len(text) else None  # a byte a character


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotTextError(f"it is marked as {encoding.upper()}, but byte {error.start} is not") from None
    if "\0" in text:
        raise NotTextError("it holds NUL characters, so it is not a text")
    return text


def _guessed(data: bytes, first: int) -> tuple[str, str]:
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        raise NotTextError(
            f"it is not UTF-8 text (byte {first}), and no other encoding can be told: save it as UTF-8, or "
            f"pip install charset-normalizer"
        ) from None
    if b"\0" in data:
        raise NotTextError("it holds NUL characters, so it is not a text")
    best = from_bytes(data).best()
    text = data.decode(best.encoding, "replace") if best is not None else ""
    wrong = sum(ord(char) in _CONTROLS or char == "\ufffd" for char in text)
    if best is None or 1000 * wrong > len(text):
        raise NotTextError(
            f"it is not UTF-8 text (byte {first}), nor any encoding that could be told; save it as UTF-8"
        )
    return text, f"not UTF-8: read as {best.encoding}, which was guessed"
