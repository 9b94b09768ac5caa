"""Where marked words stand on the pages of a source, as rectangles in percent of the page."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ...sources.boxes import MIN_BOXED, WHOLE, Rectangle, line_rectangles, page_parts, share_boxed, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from ...index import Source
    from .marks import Mark


class Box(NamedTuple):
    """A line of marked words on a page, in percent of the page.

    Attributes:
        kind: class of the mark.
        of: name of the mark; empty where it has none.
        words: of the mark, on its first line; empty on the others.
        left, top, width, height: where it stands.

    """

    kind: str
    of: str
    words: str
    left: float
    top: float
    width: float
    height: float


class Leaf(NamedTuple):
    """A page with marks.

    Attributes:
        number: from 1.
        boxes: where the marks stand.
        unsure: names of marks on it that are not boxed, as it is not known where they stand.

    """

    number: int
    boxes: list[Box]
    unsure: list[str]


@lru_cache(maxsize=4)
def _boxes(source: Source) -> NDArray[np.uint16] | None:
    """The boxes of a source's characters; `None` where it has none, or they are not those of its text."""
    if not source.boxes:
        return None
    try:
        return unpack(source.boxes, len(source.text))
    except ValueError:
        return None


def leaves(source: Source, marks: Iterable[Mark]) -> list[Leaf]:
    """The pages of a source on which marks stand, ascending.

    Each mark is boxed on all its pages, or on none where too few of its letters have a box.
    """
    boxes = _boxes(source)
    found: dict[int, Leaf] = {}
    for mark in marks:
        parts = list(page_parts(source.text, source.pages, mark.start, mark.end))
        sure = boxes is not None and share_boxed(source.text, boxes, mark.start, mark.end) >= MIN_BOXED
        words = source.text[mark.start : mark.end] if mark.anchor else ""
        for page, start, end in parts:
            leaf = found.setdefault(page, Leaf(page, [], []))
            if boxes is None or not sure:
                if mark.anchor:
                    leaf.unsure.append(mark.anchor)
                continue
            for rectangle in line_rectangles(boxes[start:end]):
                leaf.boxes.append(_percent(rectangle, mark, words))
                words = ""
    return [found[number] for number in sorted(found)]


def _percent(rectangle: Rectangle, mark: Mark, words: str) -> Box:
    left, top, right, bottom = (100 * side / WHOLE for side in rectangle)
    return Box(mark.kind, mark.anchor, words, left, top, right - left, bottom - top)
