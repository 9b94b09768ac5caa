"""The parts of a message: headers, the body that is read of several, attachments; nothing in them is trusted.

The older parser of the standard library is used: the newer one raises on some broken headers, and takes time that grows
with the square of others.
"""

from __future__ import annotations

from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from .encoding import NotTextError

MAX_PARTS = 1_000  # of a message


def header(message: Message, name: str) -> str:
    """A header in one line, decoded; empty where there is none."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return " ".join(_decoded(raw).split())


def _decoded(raw: str) -> str:
    if not raw.isascii():  # bytes of no stated encoding
        return _text(raw.encode("ascii", "surrogateescape" if _escaped(raw) else "replace"), "")
    try:
        words = decode_header(raw)
    except (HeaderParseError, ValueError):
        return raw
    decoded = "".join(word if isinstance(word, str) else _text(word, charset or "") for word, charset in words)
    return decoded if decoded.strip() else raw


def _escaped(raw: str) -> bool:
    return all(ord(char) < 128 or 0xDC80 <= ord(char) <= 0xDCFF for char in raw)


def _text(data: bytes, charset: str) -> str:
    """Bytes in the encoding that they claim, else in UTF-8, else as the West writes."""
    with suppress(LookupError, ValueError):
        return data.decode(charset)
    with suppress(ValueError):
        return data.decode("utf-8")
    return data.decode("cp1252", "replace")


def content(body: Message) -> str:
    """The text of a body."""
    data = body.get_payload(decode=True)
    return _text(data, str(body.get_content_charset() or "")) if isinstance(data, bytes) else ""


def filename(part: Message) -> str:
    """The name of an attachment, without folders; empty where it has none."""
    try:
        name = _decoded(part.get_filename() or "")
    except (LookupError, ValueError, TypeError, IndexError):
        return ""
    return " ".join(name.replace("\\", "/").rpartition("/")[2].split())[:200]


def contents(message: Message) -> tuple[list[Message], list[Message]]:
    """Bodies to be read, and attachments.

    Of several forms of one body, plain text is read where it says something, else HTML. Pictures that a body shows are
    neither.

    Raises:
        NotTextError: it has more parts than are read.

    """
    bodies: list[Message] = []
    attached: list[Message] = []
    waiting = [message]
    seen = 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen > MAX_PARTS:
            raise NotTextError(f"a message of it has more than {MAX_PARTS:,} parts")
        kind, inner = part.get_content_type(), part.get_payload()
        if kind == "multipart/alternative" and isinstance(inner, list):
            waiting.append(_best([one for one in inner if isinstance(one, Message)]))
        elif kind != "message/rfc822" and isinstance(inner, list):
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]
        elif kind in ("text/plain", "text/html") and not filename(part) and not _is_attachment(part):
            bodies.append(part)
        elif not (part.get_content_maintype() == "image" and part.get("Content-ID")):
            attached.append(part)
    return bodies, attached


def _is_attachment(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _best(forms: list[Message]) -> Message:
    """The form of a body that is read: plain text, else HTML or what holds it, else the first."""
    plain = next((one for one in forms if one.get_content_type() == "text/plain" and content(one).strip()), None)
    html = next((one for one in forms if one.get_content_type() == "text/html" or one.is_multipart()), None)
    return plain or html or (forms[0] if forms else Message())
