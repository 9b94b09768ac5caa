"""The process in which files are parsed that could do harm: it has limits, and may neither reach out nor write.

It reads requests on standard input and writes answers on standard output, each as its length and its bytes:

    request   suffix, a line break, the file's bytes
    answer    none or more empty messages, one for each page of a scan that is begun, for which time counts anew; then
              JSON: {"text", "blocks", "pages", "note", "places", "boxes"} or {"refused": why, "failed": whether its
              parser did, so that a new process might read it}

    request   `page`, its number and the width of its picture, a line break, the file's bytes
    answer    the picture as PNG, or JSON: {"refused": why}
"""

from __future__ import annotations

import base64
import gc
import json
import os
import sys
import time
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..document import Block, BlockKind, Place
from ..errors import PartnershipQAError
from ..text import Span
from .layout import Extracted
from .pages import page_png

if TYPE_CHECKING:
    from collections.abc import Callable

# Module and function of each kind: whoever only needs to know the kinds loads none of them.
_READERS = {
    ".html": ("html", "read_html"), ".htm": ("html", "read_html"), ".xhtml": ("html", "read_html"),
    ".pdf": ("pdf", "read_pdf"), ".docx": ("docx", "read_docx"), ".xlsx": ("xlsx", "read_xlsx"),
    ".xlsm": ("xlsx", "read_xlsx"), ".csv": ("delimited", "read_csv"), ".tsv": ("delimited", "read_csv"),
    ".tab": ("delimited", "read_csv"), ".pptx": ("slides", "read_pptx"), ".epub": ("epub", "read_epub"),
    ".eml": ("mail", "read_eml"), ".mbox": ("mail", "read_mbox"),
}  # fmt: skip


def _reader(module: str, function: str) -> Callable[..., Extracted]:
    read: Callable[..., Extracted] = getattr(import_module(f".{module}", __package__), function)
    return read


def _read(module: str, function: str, data: bytes) -> Extracted:
    return _reader(module, function)(data)


READERS: dict[str, Callable[..., Extracted]] = {suffix: partial(_read, *place) for suffix, place in _READERS.items()}
MAX_CHARACTERS = 32 * 2**20
T = TypeVar("T")


class _Refused(NamedTuple):
    """Why a parser gives nothing, and whether that may be owed to what it read before."""

    why: str
    failed: bool = False


_HEAD = 8  # bytes of a length
# What a parser has no business with; see "audit events table" of Python's documentation.
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.remove", "os.rename",
              "os.rmdir", "shutil.", "urllib.", "webbrowser.")  # fmt: skip


def send(stream: IO[bytes], data: bytes) -> None:
    """Write a message."""
    stream.write(len(data).to_bytes(_HEAD, "big"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes], limit: int) -> bytes | None:
    """Read a message; `None` where it ends early or says that it is longer than `limit`."""
    head = stream.read(_HEAD)
    size = int.from_bytes(head, "big")
    if len(head) < _HEAD or size > limit:
        return None
    data = stream.read(size)
    return data if len(data) == size else None


def dump(extracted: Extracted) -> dict[str, Any]:
    """Plain values for JSON."""
    blocks = [
        [b.kind.value, b.start, b.end, *b.content, b.level, b.group, [list(cell) for cell in b.cells], int(b.is_header)]
        for b in extracted.blocks
    ]
    boxes = base64.b64encode(extracted.boxes).decode("ascii")
    return {
        "text": extracted.text, "blocks": blocks, "pages": list(extracted.pages), "note": extracted.note,
        "places": [list(place) for place in extracted.places], "boxes": boxes,
    }  # fmt: skip


def load(values: dict[str, Any]) -> Extracted:
    """What `dump` gave.

    Raises:
        ValueError, KeyError, TypeError: it is something else.

    """
    blocks = [
        Block(
            BlockKind(kind), start, end, Span(first, last), level, group, tuple(Span(*c) for c in cells), bool(header)
        )
        for kind, start, end, first, last, level, group, cells, header in values["blocks"]
    ]
    places = tuple(Place(start, label) for start, label in values["places"])
    boxes = base64.b64decode(values["boxes"], validate=True)
    return Extracted(values["text"], blocks, tuple(values["pages"]), values["note"], places, boxes)


def answer(suffix: str, data: bytes) -> dict[str, Any]:
    """What a file holds, or why it is refused."""
    extracted = _guarded(lambda: READERS[suffix](data))
    if isinstance(extracted, _Refused):
        return {"refused": extracted.why, "failed": extracted.failed}
    if len(extracted.text) > MAX_CHARACTERS:
        return {"refused": f"it holds {len(extracted.text):,} characters, which is more than is read"}
    return dump(extracted)


def reply(head: str, data: bytes) -> bytes:
    """The answer to a request with this first line, as bytes."""
    kind, *numbers = head.split()
    if kind != "page":
        return json.dumps(answer(head, data)).encode("ascii")
    number, width = map(int, numbers)
    picture = _guarded(lambda: page_png(data, number, width))
    return picture if isinstance(picture, bytes) else json.dumps({"refused": picture.why}).encode("ascii")


def _guarded(work: Callable[[], T]) -> T | _Refused:
    """What a parser gives, or why it gives nothing."""
    try:
        return work()
    except PartnershipQAError as error:
        return _Refused(str(error))
    except MemoryError:
        return _Refused("reading it takes more memory than it may", failed=True)
    except RecursionError:
        return _Refused("it is nested more deeply than is read")
    except Exception as error:  # noqa: BLE001 - whatever a parser does with a broken file, the others are read
        return _Refused(f"its parser failed ({type(error).__name__})", failed=True)


def _limit(memory: int) -> None:
    """Bound the process where the system can; elsewhere its parent's clock is the only limit."""
    with suppress(ImportError):
        import resource

        for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))


def _limit_seconds(seconds: int) -> None:
    """Seconds of processor from now on, so that a parser that hangs ends even if nobody is left to end it."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, most))


def _forbid(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for a parser")
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        raise PermissionError("a parser writes nothing")


def main(memory: int, seconds: int, largest: int) -> None:
    """Answer requests until there are no more.

    Args:
        memory: bytes of address space that it may take.
        seconds: of processor that a file may take.
        largest: bytes that a request may have.

    """
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")

    def progress() -> None:
        _limit_seconds(seconds)
        send(sink, b"")

    # All of them before anything is limited: what a parser loads while it reads would count as its own.
    READERS.update({suffix: _reader(*place) for suffix, place in _READERS.items()})
    READERS[".pdf"] = partial(READERS[".pdf"], progress=progress)
    os.dup2(2, 1)  # what a parser prints is no answer
    _limit(memory)
    gc.freeze()
    gc.set_threshold(50_000)  # a page is thousands of small objects, and looking through them took a tenth of its time
    sys.addaudithook(_forbid)
    send(sink, b"ready")
    while (request := receive(source, largest)) is not None:
        head, _, data = request.partition(b"\n")
        _limit_seconds(seconds)
        send(sink, reply(head.decode("ascii"), data))
