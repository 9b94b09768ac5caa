"""A list that is said to be given whole is: every item of it, and as many left out below them as the note says."""

from __future__ import annotations

import pytest

from partnership_qa import verify
from partnership_qa.proof import State
from partnership_qa.proof.corpus import Files
from partnership_qa.proof.wording import Kind, whole_note

LIST = """# Harbour

Allowed on the quay:

- Ropes
- Nets
  - of hemp
  - of wire
- Boats
"""
ITEMS = ("- Ropes", "- Nets", "- Boats")
LONG = "of a hemp that was spun on the island " * 4
TABLE = """| Boat | Fee |
|---|---|
| Dinghy | 3 |
| Barge | 9 |
"""


def given(text, items, nested, kind=Kind.LIST, name="quay.md"):
    """An answer that gives some items and says that they are all, as JSON has it."""
    data = text.encode("utf-8")
    cited = []
    with Files({name: data}) as files:
        for item in items:
            start = text.index(item)
            one = files.proof(name, start, start + len(item))
            marks = [[start + item.index(item.strip("- ")), start + len(item)]]
            cited.append({
                "document": name, "start": start, "end": start + len(item), "quote": item, "highlights": marks,
                "line": one.line, "page": None, "section": [], "sha256": one.sha256, "proof": one.to_dict(),
            })  # fmt: skip
    parts = [{"text": item.strip("-| "), "citations": [number]} for number, item in enumerate(items, 1)]
    note = whole_note(len(items), kind, "", nested, (cited[0]["line"], cited[-1]["line"]), [])
    return {
        "answered": True, "kind": kind.value, "text": "\n".join(part["text"] for part in parts), "parts": parts,
        "citations": cited, "note": note,
    }  # fmt: skip


def unsupported(answer, files):
    return [one.text for one in verify(answer, files) if one.state is State.UNSUPPORTED]


def test_a_list_without_those_below_its_items_is_whole():
    assert unsupported(given(LIST, ITEMS, 2), {"quay.md": LIST.encode()}) == []


@pytest.mark.parametrize(("nested", "kind"), [(0, "list"), (1, "list"), (3, "list"), (3, None)])
def test_another_number_of_items_below_is_unsupported(nested, kind):
    answer = given(LIST, ITEMS, nested) | {"kind": kind}
    if kind is None:
        del answer["kind"]
    (told,) = unsupported(answer, {"quay.md": LIST.encode()})
    assert told == f"Unsupported: the answer says “{answer['note']}”, but 2 stand below them there."


def test_a_list_that_lacks_an_item_is_not_all_of_it():
    (told,) = unsupported(given(LIST, ITEMS[:2], 2), {"quay.md": LIST.encode()})
    assert told.endswith("but one more is in it there.")


def test_the_items_below_an_item_are_a_list_of_their_own():
    assert unsupported(given(LIST, ("- of hemp", "- of wire"), 0), {"quay.md": LIST.encode()}) == []


def test_rows_of_a_table_are_counted_without_its_header():
    rows = ("| Dinghy | 3 |", "| Barge | 9 |")
    for some, wrong in ((rows, 0), (rows[:1], 1)):
        answer = given(TABLE, some, 0, Kind.ROWS)
        for cited in answer["citations"]:
            cited["highlights"] = [[cited["start"], cited["end"]]]
        answer["parts"] = [part | {"text": row} for part, row in zip(answer["parts"], some, strict=True)]
        answer["text"] = "\n".join(some)
        told = [one for one in unsupported(answer, {"quay.md": TABLE.encode()}) if answer["note"] in one]
        assert len(told) == wrong


def test_a_long_item_below_may_have_been_counted_by_its_pieces():
    text = LIST.replace("of hemp", LONG)
    files = {"quay.md": text.encode()}
    assert unsupported(given(text, ITEMS, 4), files) == []
    assert len(unsupported(given(text, ITEMS, 1), files)) == 1
    assert len(unsupported(given(text, ITEMS, 9), files)) == 1


def test_a_file_that_has_changed_or_holds_no_list_there_says_nothing_of_it():
    answer = given(LIST, ITEMS, 1)
    assert unsupported(answer, {"quay.md": f"{LIST}\nMore.\n".encode()}) == []
    plain = "Ropes and nets are allowed.\n"
    assert unsupported(given(plain, ("Ropes", "nets"), 1, name="quay.txt"), {"quay.txt": plain.encode()}) == []
