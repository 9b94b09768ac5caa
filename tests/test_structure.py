"""Lists and tables as wholes, and which of them a question asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnership_qa.answering.structure import Structure, chosen_group, label_stems, rows_of, structure_of
from partnership_qa.chunking import split_document
from partnership_qa.document import make_document
from partnership_qa.question.form import question_words
from partnership_qa.sources import read_blocks

if TYPE_CHECKING:
    from partnership_qa.index import Index


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
    assert set(found.by_passage) == set(range(count))


def test_a_table_is_its_rows_without_the_header() -> None:
    found, _ = structure("Fees apply:\n\n| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n| Cutter | 12 |\n")
    assert items(found) == ["| Dinghy | 3 |", "| Cutter | 12 |"]
    assert found.groups[0].noun == "rows"


def test_nested_items_are_no_items_of_the_list() -> None:
    found, _ = structure("- one\n  - inner\n- two\n")
    assert items(found) == ["one", "two"]


def test_a_list_of_another_section_is_not_led_by_the_sentence_before() -> None:
    found, _ = structure("Intro sentence here.\n\n# H\n\n- one\n- two\n")
    assert found.groups[0].lead == ""


def asked(index: Index, question: str) -> str | None:
    found = structure_of(index.passages)
    words = question_words(question, index.lexical.holds)
    chosen = chosen_group(question, words, found, range(len(index.passages)))
    return None if chosen is None else " ".join((*chosen.group.section[-1:], chosen.group.lead))


def test_the_list_is_chosen_that_its_lead_and_heading_introduce(index: Index) -> None:
    assert asked(index, "Which things are forbidden on the quay?") == (
        "Rules of the quay Three things are forbidden on the quay:"
    )


def test_a_table_is_chosen_by_its_columns_too(index: Index) -> None:
    assert (asked(index, "List the boats and fees") or "").startswith("Fees")


def test_a_question_for_one_thing_gets_no_list(index: Index) -> None:
    assert asked(index, "What is forbidden on the quay?") is None


def test_a_question_with_an_unknown_word_gets_no_list(index: Index) -> None:
    assert asked(index, "Which things are forbidden on the quay of Marseille?") is None


def test_an_item_is_named_by_the_words_before_its_colon_and_a_row_by_its_first_cell(index: Index) -> None:
    labels = {
        passage.text[unit.start - passage.start :][:6]: label_stems(passage, number)
        for passage in index.passages
        for number, unit in enumerate(passage.units)
    }
    assert labels["- Anna"] == ("anna", "berg")
    assert labels["| Ding"] == ("dinghi",)
    assert labels["- Ligh"] == ()
    assert labels["It fre"] == ()


def test_a_list_one_of_whose_items_the_question_names_is_not_asked_for_as_a_whole() -> None:
    text = "# Harbour fees\n\nThe harbour fees are:\n\n- Night fee: 3 kroner\n- Crane fee: 9 kroner\n"
    document = make_document("a.md", text.encode(), text, read_blocks(text, ".md"))
    passages = split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=254)
    found = structure_of(passages)

    def chosen(question: str) -> bool:
        return chosen_group(question, question_words(question, lambda _: True), found, [0]) is not None

    assert chosen("What are the harbour fees?")
    assert not chosen("What are the harbour fees for the crane?")


def test_the_rows_of_a_row_are_those_of_its_table() -> None:
    films = "| Year | Film |\n|---|---|\n| 2013 | One |\n| 2014 | Two |\n"
    text = f"{films}\nWords between.\n\n| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n"
    document = make_document("a.md", text.encode(), text, read_blocks(text, ".md"))
    (passage,) = split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=254)
    found = structure_of([passage])
    assert rows_of(found, 0, (passage, 1)) == ((passage, 1), (passage, 2))
    assert rows_of(found, 0, (passage, 5)) == ((passage, 5),)
    assert rows_of(found, 0, (passage, 3)) == ()
