"""Whether a list or table is given whole: all of its items, and as many left out below them as its note says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..document import BlockKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..document import Block, Document
    from ..text import Span
    from .corpus import Files

# Characters of an item that are never cut for the encoder: a word piece has at least one, and that many always fit.
_UNCUT = 100


class Whole(NamedTuple):
    """A note that says a list is given whole, and the how-manieth answer it stands beside.

    Attributes:
        note: its words.
        document: that holds the list.
        sha256: of its file's bytes: of another file the note need not be true; `None` where that is not stated.
        items: the quotes that are given, in characters of the document.
        nested: how many items it says stand below these.
        answer: its number.

    """

    note: str
    document: str
    sha256: str | None
    items: tuple[Span, ...]
    nested: int
    answer: int


def why_not_whole(claim: Whole, files: Files) -> str:
    """What contradicts the note, to follow its words; empty where it holds, or that cannot be told.

    It cannot where the file is gone or no longer the same, or no list stands where it is quoted from.
    """
    if not files.has(claim.document) or claim.sha256 not in (None, files.sha256(claim.document)):
        return ""
    document = files.structured(claim.document)
    found = None if document is None else _list_of(document, claim.items)
    if found is None:
        return ""
    siblings, below = found
    left_out = [one for one in siblings if not any(one.start < end and start < one.end for start, end in claim.items)]
    if left_out:
        more = "one more is" if len(left_out) == 1 else f"{len(left_out)} more are"
        return f"but {more} in it there"
    # An item that had to be cut is counted by its pieces; of two that follow one another at least one is long.
    most = sum(1 + 2 * ((one.end - one.start) // _UNCUT) for one in below)
    if len(below) <= claim.nested <= most:
        return ""
    return f"but {len(below)} stand{'s' if len(below) == 1 else ''} below them there"


def _list_of(document: Document, items: Sequence[Span]) -> tuple[list[Block], list[Block]] | None:
    """The items of the list that these are of, under one item or under none, and all that stand below those."""
    first = items[0]
    blocks = [block for section in document.sections for block in section.blocks]
    here = next((block for block in blocks if block.start < first[1] and first[0] < block.end), None)
    if here is None or here.group < 0 or here.kind not in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
        return None
    members = [block for block in blocks if block.group == here.group and not block.is_header]
    above = _ancestors(members)
    own = above[here.start]
    siblings = [block for block in members if above[block.start] == own]
    starts = {block.start for block in siblings}
    return siblings, [block for block in members if not starts.isdisjoint(above[block.start])]


def _ancestors(members: Sequence[Block]) -> dict[int, tuple[int, ...]]:
    """Of each item, by where it begins, where those begin that it stands below, outermost first."""
    found: dict[int, tuple[int, ...]] = {}
    open_: list[Block] = []
    for block in members:
        while open_ and open_[-1].level >= block.level:
            open_.pop()
        found[block.start] = tuple(one.start for one in open_)
        open_.append(block)
    return found
