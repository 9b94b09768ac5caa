"""Lists and tables as wholes."""

from __future__ import annotations

from partnership_qa.answering.structure import Structure, structure_of
from partnership_qa.chunking import split_document
from partnership_qa.document import make_document
from partnership_qa.sources import read_blocks


def structure(text: str, pieces: int = 254) -> tuple[Structure, int]:
    document = make_document("a.md", text.encode(), text, read_blocks(text, ".md"))
    passages = split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=pieces)
    return structure_of(passages), len(passages)


def items(found: Structure, number: int = 0) -> list[str]:
    shown = []
    for passage, index in found.groups[number].items:
        unit = passage.units[index]
        shown.append(passage.text[unit.content.start - passage.start : unit.content.end - passage.start])
    return shown


def test_a_list_that_passages_cut_is_one_list_again() -> None:
    text = "# H\n\nThese are the steps:\n\n" + "".join(f"- step {n} of many words here\n" for n in range(12))
    found, count = structure(text, pieces=30)
    assert count > 2
    assert items(found) == [f"step {n} of many words here" for n in range(12)]
    assert found.groups[0].lead == "These are the steps:"
    assert all(found.of(number) == (found.groups[0],) for number in range(count))


def test_a_table_is_its_rows_without_the_header() -> None:
    found, _ = structure("Fees apply:\n\n| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n| Cutter | 12 |\n")
    assert items(found) == ["| Dinghy | 3 |", "| Cutter | 12 |"]
    assert found.groups[0].table


def test_nested_items_are_no_items_of_the_list() -> None:
    found, _ = structure("- one\n  - inner\n- two\n")
    assert items(found) == ["one", "two"]
    assert (found.groups[0].nested, found.groups[0].table) == (1, False)


def test_items_below_an_item_are_a_list_that_it_leads() -> None:
    found, _ = structure("Bring these:\n\n- papers\n  - pass\n    - old one\n  - permit\n- tools\n  - saw\n  - axe\n")
    inner = {group.lead: [p.between(*p.units[n].content) for p, n in group.items] for group in found.groups}
    assert inner == {
        "Bring these:": ["papers", "tools"], "papers": ["pass", "permit"], "pass": ["old one"], "tools": ["saw", "axe"]
    }  # fmt: skip
    assert [(group.nested, group.led_from) for group in found.groups][:2] == [(5, (0, 0)), (1, (0, 1))]


def test_an_item_s_place_is_its_passage_and_its_unit() -> None:
    found, _ = structure("Words first.\n\n- one\n- two\n")
    assert found.groups[0].places == {(0, 1), (0, 2)}


def test_a_list_of_another_section_is_not_led_by_the_sentence_before() -> None:
    found, _ = structure("Intro sentence here.\n\n# H\n\n- one\n- two\n")
    assert found.groups[0].lead == ""
