"""Passages: whole units, one section each, never longer than the encoder reads."""

from __future__ import annotations

from fakes import CORPUS, FakeEncoder, structured_texts
from hypothesis import example, given
from hypothesis import strategies as st

from partnership_qa.chunking import Passage, Unit, split_document
from partnership_qa.document import BlockKind, Document, make_document
from partnership_qa.sources import read_blocks
from partnership_qa.text import count_tokens, sentence_spans

suffixes = st.sampled_from([".txt", ".md"])
_encoder = FakeEncoder()


def _document(text: str, suffix: str = ".md") -> Document:
    return make_document(f"x{suffix}", text.encode("utf-8", "replace"), text, read_blocks(text, suffix))


def _passages(document: Document, max_pieces: int = 254, max_tokens: int = 160) -> list[Passage]:
    return split_document(document, count_pieces=_encoder.count_pieces, max_pieces=max_pieces, max_tokens=max_tokens)


def _units(passages: list[Passage]) -> list[Unit]:
    return [unit for passage in passages for unit in passage.units]


@given(structured_texts(), suffixes, st.integers(30, 300))
def test_the_text_of_a_passage_is_that_of_its_document(text: str, suffix: str, max_pieces: int) -> None:
    document = _document(text, suffix)
    for passage in _passages(document, max_pieces):
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.line == document.line(passage.start)
        assert passage.start == passage.units[0].start
        assert passage.end == passage.units[-1].end


@given(structured_texts(), suffixes, st.integers(30, 300))
def test_passages_and_units_stand_in_order_and_do_not_overlap(text: str, suffix: str, max_pieces: int) -> None:
    position = 0
    for passage in _passages(_document(text, suffix), max_pieces):
        assert passage.start >= position
        position = passage.start
        for unit in passage.units:
            assert position <= unit.start < unit.end
            assert unit.start <= unit.content.start <= unit.content.end <= unit.end
            position = unit.end


@given(structured_texts(), suffixes)
def test_every_character_of_a_block_is_in_a_unit(text: str, suffix: str) -> None:
    """Headings aside: they are carried by what stands below them, and quoted where nothing does."""
    document = _document(text, suffix)
    held = set().union(*(range(unit.start, unit.end) for unit in _units(_passages(document))))
    for section in document.sections:
        for block in section.blocks:
            if block.kind is not BlockKind.HEADING:
                lost = [at for at in range(block.start, block.end) if at not in held and not text[at].isspace()]
                assert not lost


@given(structured_texts(), suffixes)
def test_no_passage_crosses_a_section(text: str, suffix: str) -> None:
    document = _document(text, suffix)
    for passage in _passages(document):
        inside = [
            section
            for section in document.sections
            if section.blocks[0].start <= passage.start and passage.end <= section.blocks[-1].end
        ]
        assert [section.headings for section in inside] == [passage.section]


@given(st.one_of(st.text(max_size=600), structured_texts()), st.integers(1, 40), st.integers(1, 40))
@example("x" * 500, 5, 160)
@example("# Outer\n## " + "long heading " * 60 + "\n\nText.\n", 30, 160)
def test_no_passage_is_longer_than_the_encoder_reads(text: str, max_pieces: int, max_tokens: int) -> None:
    document = _document(text)
    for passage in _passages(document, max_pieces, max_tokens):
        assert _encoder.count_pieces(passage.indexed_text) <= max_pieces


def test_one_sentence_that_is_too_long_is_cut_between_words() -> None:
    text = "word " * 400 + "end."
    passages = _passages(_document(text))
    assert " ".join(passage.text for passage in passages) == text
    assert all(count_tokens(passage.text) <= 160 for passage in passages)


def test_sentences_are_units() -> None:
    text = "One is here. Two is there! Is three anywhere?\n"
    assert [text[u.start : u.end] for u in _units(_passages(_document(text)))] == [
        text[slice(*span)] for span in sentence_spans(text)
    ]


def test_the_column_names_travel_with_the_rows_of_a_table_that_is_cut() -> None:
    rows = "".join(f"| Boat number {n} | {n} |\n" for n in range(60))
    passages = _passages(_document(f"| Name | Fee |\n|---|---|\n{rows}"))
    assert len(passages) > 1
    assert passages[0].columns == ()  # its header is quoted in it
    assert all(passage.columns == ("Name", "Fee") for passage in passages[1:])
    assert all(passage.indexed_text.startswith("Name | Fee\n") for passage in passages[1:])


def test_the_headings_above_are_indexed_and_not_quoted() -> None:
    passage = _passages(_document(CORPUS["harbour.md"]))[1]
    assert passage.section == ("Harbour of Väsby", "Fees")
    assert passage.indexed_text.startswith("Harbour of Väsby > Fees\n")
    assert "Fees" not in passage.text


def test_a_heading_with_nothing_below_it_is_found_by_itself() -> None:
    assert [passage.text for passage in _passages(_document("# A\n\nText.\n\n# Closing words\n"))] == [
        "Text.",
        "Closing words",
    ]


def test_of_headings_that_are_too_long_the_nearest_words_are_carried() -> None:
    text = "# " + "outer " * 40 + "\n## " + "inner " * 40 + "\n\nText.\n"
    (passage,) = _passages(_document(text), max_pieces=30)
    assert passage.section == (" ".join(["inner"] * 15),)


def test_a_unit_of_thousands_of_passages_is_cut_into_them() -> None:
    """More of them than Python lets a function call itself."""
    passages = _passages(_document("word " * 3000, ".txt"), max_pieces=1)
    assert [passage.text for passage in passages] == ["word"] * 3000
