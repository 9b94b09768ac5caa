"""A question and a passage as token rows: the product's own layout, with what is to be learned beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import pieces
from settings import SETTINGS

from partnership_qa.reading.view import view

if TYPE_CHECKING:
    from collections.abc import Collection

    from partnership_qa.chunking import Passage
    from partnership_qa.reading.view import View

# MPNet's vocabulary is BERT's, four numbers later; the first four are its own marks.
SHIFT, OPEN, CLOSE = 4, 0, 2


@dataclass(frozen=True)
class Row:
    """What the reader sees and what it should say; all ranges are half-open, in tokens.

    Attributes:
        ids: token numbers.
        answering: tokens that may answer, in order.
        shown: the view, and of every token of `answering` its characters in the view's body.
        starts, ends: first and last tokens of what answers; empty where nothing does.
        units: numbers of the passage's units that are shown, with their tokens.
        support: of each of these, whether it is part of the answer.
        spans: whether `starts` and `ends` are to be learned.
    """

    ids: list[int]
    answering: list[int]
    shown: View
    offsets: list[tuple[int, int]]
    starts: list[int]
    ends: list[int]
    units: list[list[int]]
    support: list[bool]
    spans: bool = True


def lay_out(
    question: str,
    passage: Passage,
    spans: Collection[tuple[int, int]] = (),
    only: Collection[int] | None = None,
    *,
    learn_spans: bool = True,
) -> Row:
    """The row of a question and a passage; `spans` are characters of the document, `only` the units that are shown."""
    shown = view(passage, only)
    asked = pieces().encode(question, add_special_tokens=False).ids[: SETTINGS.view["question_tokens"]]
    head = [OPEN, *(number + SHIFT for number in asked), CLOSE, CLOSE]
    room = SETTINGS.view["max_tokens"] - len(head) - 1
    encoded = pieces().encode(shown.text, add_special_tokens=False)
    ids = [*head, *(number + SHIFT for number in encoded.ids[:room]), CLOSE]
    answering, offsets, starts, ends = [], [], [], []
    units: dict[int, list[int]] = {}
    first: dict[tuple[int, int], int] = {}
    last: dict[tuple[int, int], int] = {}
    for number, (begin, stop) in enumerate(encoded.offsets[:room]):
        inside = begin - shown.body_start
        segment = shown.segment_at(inside) if inside >= 0 else -1
        if segment < 0:
            continue
        token, source = len(head) + number, shown.source_of(inside)
        answering.append(token)
        offsets.append((inside, stop - shown.body_start))
        units.setdefault(shown.segments[segment].unit, []).append(token)
        for span in spans:
            if span[0] < source + stop - begin and source < span[1]:
                first.setdefault(span, token)
                last[span] = token
    for span in spans:
        if span in first:
            starts.append(first[span])
            ends.append(last[span])
    support = [any(a < passage.units[n].end and passage.units[n].start < b for a, b in spans) for n in units]
    return Row(ids, answering, shown, offsets, starts, ends, list(units.values()), support, learn_spans)


def as_bert(ids: list[int]) -> tuple[list[int], list[int]]:
    """A row of the reader's tokens as the proposer sees it, and the token types; one token fewer lies between."""
    cut = ids.index(CLOSE)
    cls, sep = pieces().token_to_id("[CLS]") or 0, pieces().token_to_id("[SEP]") or 0
    head = [cls, *(number - SHIFT for number in ids[1:cut]), sep]
    body = [*(number - SHIFT for number in ids[cut + 2 : -1]), sep]
    return head + body, [0] * len(head) + [1] * len(body)
