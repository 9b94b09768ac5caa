"""Mail (EML, MBOX) into text, read by the standard library: headers as a small table, then what was written.

Each message is a section under its subject. What it quotes of earlier messages is kept, but told apart: at its foot as
a section under the line that introduces it, between its own words as items that open with `>`. Lines that stand in an
earlier message of the same file are left out there, and that is said. A signature is kept line by line. Attachments are
read as files of their kind, under their name; what is not read is said.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from ..document import Block, BlockKind
from ..errors import PartnershipQAError
from ..text import Span
from .encoding import NotTextError, decode
from .layout import Extracted, Layout, clean
from .mail_page import mail_page
from .mail_parts import content, contents, filename, header
from .mail_text import QUOTED, Part, introduces, parts_of
from .markdown import read_markdown
from .plain import read_plain

MAX_DEPTH = 3  # of messages in messages
MAX_MESSAGES = 100_000
_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_START = re.compile(rb"(?:\A|\n\r?\n)From [^\r\n]+\r?\n(?=[\x21-\x39\x3b-\x7e]+:)")
_QUOTED_START = re.compile(rb"^>(>*From )", re.MULTILINE)
_TEXTS = {".txt": read_plain, ".text": read_plain, ".md": read_markdown, ".markdown": read_markdown}


def read_eml(data: bytes) -> Extracted:
    """Text and blocks of one message.

    Raises:
        NotTextError: it is no message, or holds more than is read.

    """
    reader = _Reader()
    reader.take(message_from_bytes(data), 0, "")
    return reader.extracted


def read_mbox(data: bytes) -> Extracted:
    """Text and blocks of a mailbox: messages one after another, each after a line that begins with `From `.

    Raises:
        NotTextError: it is no mailbox, or holds more than is read.

    """
    found = list(_START.finditer(data))
    if not found or found[0].start():
        raise NotTextError("it is no mailbox: its first line does not begin with “From ” over headers")
    if len(found) > MAX_MESSAGES:
        raise NotTextError(f"it holds {len(found):,} messages, which is more than are read")
    ends = [*(match.start() for match in found[1:]), len(data)]
    reader = _Reader()
    for number, (match, end) in enumerate(zip(found, ends, strict=True), 1):
        message = message_from_bytes(_QUOTED_START.sub(rb"\1", data[match.end() : end]))
        try:
            reader.take(message, 0, "")
        except (NotTextError, RecursionError) as error:
            reader.unread.append(f"message {number} ({error})")
    return reader.extracted


class _Reader:
    """Messages into one layout."""

    def __init__(self) -> None:
        self.unread: list[str] = []  # what is not read, and why
        self._layout = Layout()
        self._known: set[str] = set()  # lines of the messages before
        self._repeated = 0

    @property
    def extracted(self) -> Extracted:
        """All that was read."""
        notes = (
            [f"{self._repeated} quoted parts that stand in an earlier message are left out"] if self._repeated else []
        )
        if self.unread:
            more = len(self.unread) - 10
            notes.append(f"not read: {'; '.join(self.unread[:10])}" + (f"; and {more} more" if more > 0 else ""))
        return self._layout.extracted._replace(note="; ".join(notes))

    def take(self, message: Message, depth: int, prefix: str) -> None:
        """Read a message, and what is attached to it.

        Args:
            message: as the standard library parses it.
            depth: how many messages it is attached in.
            prefix: address of the message that it is attached to.

        """
        headers = [(name, text) for name in _HEADERS if (text := header(message, name))]
        if not any(name in ("From", "Date", "Subject") for name, _ in headers):
            raise NotTextError("it is no message: it has neither sender, date nor subject")
        address = f"{prefix}, " * bool(prefix) + _address(message)
        level = 1 + 2 * depth
        self._layout.place(address)
        self._layout.heading(dict(headers).get("Subject") or address, level)
        self._layout.table([[name, text] for name, text in headers], 0)
        bodies, attached = contents(message)
        for body in bodies:
            self._body(body, level)
        for part in attached:
            self._attached(part, depth, address, level + 1)
            self._layout.place(address)

    def _body(self, body: Message, level: int) -> None:
        text = content(body)
        if body.get_content_subtype() == "html":
            self._page(text, level)
            return
        text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
        titles: list[Part] = []  # of quotations of which nothing was read yet
        for part in parts_of(text):
            lines = [" ".join(line.split()) for line in part.text.split("\n") if line.strip()]
            if part.title:
                titles = [*(title for title in titles if title.depth < part.depth), part]
            elif part.depth and lines and self._known.issuperset(lines):
                self._repeated += 1
            elif lines:
                for one in (*titles, part):
                    self._part(one, level)
                titles = []
        self._known |= {" ".join(line.lstrip("> ").split()) for line in text.split("\n")}

    def _page(self, page: str, level: int) -> None:
        """A body in HTML, what it quotes at its foot in a section of its own."""
        parts, foot = mail_page(page)
        for read, depth in parts:
            if not depth:
                self._layout.extend(read, below=level)
                continue
            for block in read.blocks:
                words = " ".join(read.text[block.content.start : block.content.end].split())
                self._part(Part(words, depth, is_between=True), level)
        if foot is None:
            return
        first = foot.text[foot.blocks[0].start : foot.blocks[0].end]
        title = " ".join(first.split()) if introduces(first) else ""
        self._layout.heading(title or QUOTED, level + 1)
        self._layout.extend(foot._replace(blocks=foot.blocks[bool(title) :]), below=level + 1)

    def _part(self, part: Part, level: int) -> None:
        if part.is_signature:
            self._layout.code(part.text)
        elif part.title:
            self._layout.heading(part.title, level + part.depth)
        elif part.is_between:
            self._layout.item(part.text, self._layout.new_group(), 0, ">" * part.depth)
        else:
            self._layout.extend(Extracted(part.text, [_unheaded(block) for block in read_plain(part.text)]))

    def _attached(self, part: Message, depth: int, address: str, level: int) -> None:
        name = filename(part) or "attachment"
        try:
            message = _message(part, name)
            if message is not None:
                if depth + 1 >= MAX_DEPTH:
                    raise NotTextError(f"messages are nested more than {MAX_DEPTH} deep")
                self.take(message, depth + 1, address)
                return
            inner = _read(name, part)
        except (PartnershipQAError, RecursionError) as error:
            self.unread.append(f"“{name}” ({error})")
            return
        if inner is None:
            self.unread.append(f"“{name}”")
            return
        self._layout.place(f"{address}, {name}")
        self._layout.heading(name, level)
        self._layout.extend(inner, below=level, prefix=f"{address}, {name}")
        if inner.note:
            self.unread.append(f"of “{name}”: {inner.note}")


def _unheaded(block: Block) -> Block:
    """A block of a message's text: a short line by itself is a greeting or a question there, and no heading."""
    if block.kind is not BlockKind.HEADING:
        return block
    return replace(block, kind=BlockKind.PARAGRAPH, level=0, content=Span(block.start, block.end))


def _address(message: Message) -> str:
    """What a message is known by: its day and its sender."""
    name, mailbox = parseaddr(header(message, "From"))
    try:
        day = f" of {parsedate_to_datetime(header(message, 'Date')).date().isoformat()}"
    except (ValueError, TypeError, IndexError, OverflowError):
        day = ""
    sender = name or mailbox
    return f"message{day}" + (f" from {sender}" if sender else "")


def _message(part: Message, name: str) -> Message | None:
    """The message that is attached; `None` where the attachment is something else."""
    inner = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inner, list) and inner:
        return inner[0] if isinstance(inner[0], Message) else None
    if name.lower().endswith(".eml") and isinstance(data := part.get_payload(decode=True), bytes):
        return message_from_bytes(data)
    return None


def _read(name: str, part: Message) -> Extracted | None:
    """An attachment as a file of its kind; `None` where that is not known, or is a mailbox."""
    from .worker import READERS  # it has this reader too

    suffix = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or suffix in (".eml", ".mbox"):
        return None
    if suffix in _TEXTS:
        text, note = decode(data)
        text = clean(text.removeprefix("\ufeff"))
        return Extracted(text, _TEXTS[suffix](text), note=note)
    if suffix not in READERS:
        return None
    try:
        return READERS[suffix](data)
    except (PartnershipQAError, MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - as in the worker, whatever a parser does with a broken file
        raise NotTextError(f"its parser failed ({type(error).__name__})") from None
