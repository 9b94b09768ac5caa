"""What the reader sees of a passage, and the way back to the source."""

from __future__ import annotations

from fakes import structured_texts
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.chunking import Passage, split_document
from partnership_qa.document import make_document
from partnership_qa.reading.view import view
from partnership_qa.sources import read_blocks


def passages(text: str, suffix: str = ".md") -> list[Passage]:
    document = make_document("a" + suffix, text.encode(), text, read_blocks(text, suffix))
    return split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=254)


def test_a_row_is_shown_with_its_columns_and_only_its_cells_can_answer() -> None:
    text = "# Fees\n\n| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n| Cutter | 12 |\n"
    (passage,) = passages(text)
    shown = view(passage)
    assert shown.text == "Fees\nBoat: Dinghy; Fee: 3\nBoat: Cutter; Fee: 12"
    assert [shown.body[s.start : s.end] for s in shown.segments] == ["Dinghy", "3", "Cutter", "12"]
    assert [text[s.source : s.source + s.end - s.start] for s in shown.segments] == ["Dinghy", "3", "Cutter", "12"]


def test_rows_without_a_header_are_shown_as_their_cells() -> None:
    (passage,) = passages("| Dinghy | 3 |\n| Cutter | 12 |\n")
    assert view(passage).body == "Dinghy; 3\nCutter; 12"


def test_running_text_keeps_its_signs_and_its_line_breaks() -> None:
    (passage,) = passages("# T\n\nOne here. Two there.\n\n- an item\n")
    assert view(passage).text == "T\nOne here. Two there.\n- an item"


def test_a_bullet_and_a_number_are_shown_and_cannot_answer() -> None:
    text = '1.1. "Work" means text. Two there.\n\n- an item\n'
    (passage,) = passages(text, ".txt")
    shown = view(passage)
    assert shown.text == text.replace("\n\n", "\n").strip()
    assert [shown.body[s.start : s.end] for s in shown.segments] == ['"Work" means text.', "Two there.", "an item"]


def test_one_unit_is_shown_by_itself_under_the_headings_with_its_number_and_place() -> None:
    text = "# Fees\n\nPaid in May.\n\n| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n| Cutter | 12 |\n"
    (passage,) = passages(text)
    shown = view(passage, only=(3,))
    assert shown.text == "Fees\nBoat: Cutter; Fee: 12"
    assert [(s.unit, text[s.source : s.source + s.end - s.start]) for s in shown.segments] == [(3, "Cutter"), (3, "12")]
    assert text[shown.source_of(shown.body.index("12"))] == "1"
    assert shown.source_of(shown.body.index("Fee")) == -1


def test_no_segment_holds_a_character_of_a_label() -> None:
    (passage,) = passages("| Boat | Fee |\n|---|---|\n| Dinghy | 3 |\n")
    shown = view(passage)
    assert shown.segment_at(0) == -1
    assert shown.segment_at(shown.body.index("Dinghy")) == 0
    assert shown.segment_at(shown.body.index("; Fee")) == -1


@given(structured_texts(), st.sampled_from([".txt", ".md"]))
def test_every_segment_shows_the_source_as_it_is(text: str, suffix: str) -> None:
    for passage in passages(text, suffix):
        shown = view(passage)
        for segment in shown.segments:
            length = segment.end - segment.start
            assert shown.body[segment.start : segment.end] == text[segment.source : segment.source + length]
            unit = passage.units[segment.unit]
            assert unit.start <= segment.source
            assert segment.source + length <= unit.end
