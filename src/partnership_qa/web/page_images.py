"""Pictures of the pages of a document, drawn when a visitor looks at them, and where they are served.

    pq-pages/GENERATION/SHA256/PAGE-WIDTH.png

Each part of an address is compared with what the index in use holds, and none becomes part of a path. The pictures
are drawn one at a time by a process of their own that is kept warm (`sources.extraction`); the last are remembered.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ..errors import PartnershipQAError
from ..index import read_original
from ..sources import Extractor
from ..sources.extraction import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..index import Source, Store

PREFIX = "pq-pages"
WIDTHS = (1400, 2200)  # pixels: sharp in the panel, and when it is enlarged
MAX_REMEMBERED = 64 * 2**20  # bytes of pictures
MAX_WAITING = 8  # requests at once; each holds a thread of the server until its turn comes
LIMITS = Limits(seconds=20, memory=1024 * 2**20)
_PAGE = re.compile(r"([1-9][0-9]{0,5})-([1-9][0-9]{0,4})\.png")


class BusyError(PartnershipQAError):
    """More pages are asked for at once than are drawn."""


class _Key(NamedTuple):
    sha256: str
    page: int
    width: int


def can_be_drawn(name: str) -> bool:
    """Whether the pages of a file of that name can be drawn."""
    return PurePosixPath(name).suffix.lower() == ".pdf"


def address_of(index: Store, source: Source) -> str:
    """Where the pictures of a document are served, relative to the page, up to their numbers."""
    return f"{PREFIX}/{index.generation.name}/{source.sha256}"


class PageImages:
    """Draws pages and remembers the last ones; every method may be called from any thread."""

    def __init__(self, extractor: Extractor | None = None) -> None:
        self._extractor = extractor or Extractor(LIMITS)
        self._drawing = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)
        self._remembered: OrderedDict[_Key, bytes] = OrderedDict()

    def warm(self) -> None:
        """Start the process that draws, so that the first page need not wait for it."""
        with self._drawing:
            self._extractor.warm()

    def close(self) -> None:
        """End the process that draws."""
        with self._drawing:
            self._extractor.close()

    def picture(self, index: Store, generation: str, document: str, page: str) -> bytes | None:
        """The picture at an address, as PNG; `None` where there is none.

        Args:
            index: the one in use.
            generation, document, page: the parts of the address, of any form.

        Raises:
            BusyError: too many wait already.

        """
        found = _PAGE.fullmatch(page)
        source = _source(index, document) if generation == index.generation.name else None
        if found is None or source is None:
            return None
        key = _Key(source.sha256, int(found[1]), int(found[2]))
        if key.page > len(source.pages) or key.width not in WIDTHS:
            return None
        return self._recall(key) or self._draw(key, lambda: read_original(index, source))

    def _recall(self, key: _Key) -> bytes | None:
        try:
            self._remembered.move_to_end(key)
            return self._remembered[key]
        except KeyError:
            return None

    def _draw(self, key: _Key, read: Callable[[], bytes | None]) -> bytes | None:
        if not self._waiting.acquire(blocking=False):
            raise BusyError("Too many pages are being drawn. Try again in a moment.")
        try:
            with self._drawing:
                picture = self._recall(key)  # somebody may have waited for the same page
                if picture is None and (data := read()) is not None:
                    picture = self._extractor.page_image(data, key.page, key.width)
                    self._remember(key, picture)
                return picture
        except PartnershipQAError:  # the file is damaged, or takes too long
            return None
        finally:
            self._waiting.release()

    def _remember(self, key: _Key, picture: bytes) -> None:
        self._remembered[key] = picture
        while sum(map(len, self._remembered.values())) > MAX_REMEMBERED and len(self._remembered) > 1:
            self._remembered.popitem(last=False)


def _source(index: Store, sha256: str) -> Source | None:
    """The document with that hash, if its pages can be drawn."""
    entries = index.generation.manifest.sources
    name = next((one.name for one in entries if one.sha256 == sha256 and can_be_drawn(one.name)), None)
    return index.sources[name] if name is not None else None
