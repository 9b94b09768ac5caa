"""What is taken from a PDF: characters with their boxes, reading order, paragraphs, headings, and what is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from files import pdf
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfs import Text, lines, pdf_file, placed, right

from partnership_qa.document import BlockKind
from partnership_qa.sources import pdf_chars, pdf_page
from partnership_qa.sources.boxes import unpack
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.extraction import Extractor
from partnership_qa.sources.layout import Extracted
from partnership_qa.sources.pdf import read_pdf

PROSE = [
    "The lamp of the lighthouse was lit at",
    "dusk by the keeper and by his two sons",
    "who lived below it, and it burnt until",
    "the morning, when the oil was measured",
    "and the sum was written into the book.",
]


def texts(taken: Extracted) -> list[str]:
    return [taken.text[block.start : block.end] for block in taken.blocks]


def box(taken: Extracted, words: str) -> np.ndarray:
    """Left, top, right and bottom of words in parts of the page."""
    start = taken.text.index(words)
    boxes = unpack(taken.boxes, len(taken.text))[start : start + len(words)].astype(float) / 65_535
    boxes = boxes[boxes.any(axis=1)]
    return np.array([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        # The word stands from x 60 to 120 (of 600) on the baseline 700 (of 800), 100 below the upper edge.
        ("/MediaBox [0 0 600 800]", (60 / 600, 90 / 800, 120 / 600, 103 / 800)),
        ("/MediaBox [0 0 600 800] /CropBox [50 600 350 750]", (10 / 300, 40 / 150, 70 / 300, 53 / 150)),
        ("/MediaBox [0 0 600 800] /Rotate 90", (697 / 800, 60 / 600, 710 / 800, 120 / 600)),
        ("/MediaBox [0 0 600 800] /Rotate 180", (480 / 600, 697 / 800, 540 / 600, 710 / 800)),
        ("/MediaBox [0 0 600 800] /Rotate 270", (90 / 800, 480 / 600, 103 / 800, 540 / 600)),
        ("/MediaBox [100 100 700 900]", (-40 / 600, 190 / 800, 20 / 600, 203 / 800)),
    ],
    ids=["plain", "cropped", "turned right", "upside down", "turned left", "moved"],
)
def test_boxes_are_those_of_the_page_as_it_is_shown(attributes: str, expected: tuple[float, ...]) -> None:
    taken = read_pdf(placed([[Text(60, 700, "LIGHTHOUSE")]], attributes=attributes))
    shown = "LIGHTHOUSE" if expected[0] > 0 else "USE"
    found = box(taken, shown)
    least = max(0.0, expected[0])
    assert found[0] == pytest.approx(least, abs=0.014)
    assert found[1:] == pytest.approx(expected[1:], abs=0.022)


def test_each_character_has_a_box_and_what_was_added_has_none() -> None:
    taken = read_pdf(placed([lines(60, 700, ["One two", "three."])]))
    boxes = unpack(taken.boxes, len(taken.text))
    assert taken.text == "One two\nthree.\n"
    assert [char for char, row in zip(taken.text, boxes, strict=True) if not row.any()] == [" ", "\n", "\n"]
    assert boxes[0, 2] - boxes[0, 0] == pytest.approx(65_535 * 6 / 600, abs=40)


def test_letters_of_a_ligature_are_written_out_and_share_its_box() -> None:
    taken = read_pdf(placed([[Text(60, 700, "of\x01ce \x02ag", font="L")]]))
    boxes = unpack(taken.boxes, len(taken.text))
    assert taken.text == "office flag\n"
    assert boxes[2].tolist() == boxes[3].tolist()
    assert boxes[1].tolist() != boxes[2].tolist()


@pytest.mark.parametrize(
    ("first", "second", "elsewhere", "expected"),
    [
        ("Lit by the light-", "house keeper.", "A lighthouse.", "Lit by the lighthouse keeper."),
        ("Lit by a well-", "known man.", "A well-known lamp.", "Lit by a well-known man."),
        ("Lit by a well-", "known man.", "A lamp.", "Lit by a well-\nknown man."),
        ("Lit by Jean-", "Pierre.", "A lamp.", "Lit by Jean-\nPierre."),
        ("In the years 1874-", "1880 it was lit.", "A lamp.", "In the years 1874-\n1880 it was lit."),
    ],
    ids=["the word stands elsewhere", "so does it with its hyphen", "neither", "a name", "figures"],
)
def test_a_hyphen_at_a_line_end_goes_where_that_is_sure(first: str, second: str, elsewhere: str, expected: str) -> None:
    taken = read_pdf(placed([[*lines(60, 700, [first, second]), Text(60, 600, elsewhere)]]))
    assert texts(taken)[0] == expected
    assert len(unpack(taken.boxes, len(taken.text))) == len(taken.text)


def test_a_hyphen_in_justified_text_divides_a_word() -> None:
    ragged = ["The lamp was lit at dusk by the watch-", "ful one", "and by his sons who lived there below."]
    even = [
        "The lamp was lit at dusk by the watch-",
        "ful keeper and by his two sons, who at",
        "the foot of it lived in two low rooms.",
    ]
    assert "watchful keeper" in read_pdf(placed([lines(60, 700, even)])).text
    assert "watch-\nful" in read_pdf(placed([lines(60, 700, ragged)])).text


def test_columns_are_read_one_after_the_other_whatever_the_file_draws_first() -> None:
    left = [f"Left {line}" for line in PROSE]
    other = [f"Right {line}" for line in PROSE]
    head = [Text(60, 740, "A title that reaches over the two columns of the page", 12)]
    foot = [Text(60, 600, "A line below both columns that reaches over the two of them again.")]
    both = [part for pair in zip(lines(60, 700, left), lines(340, 700, other), strict=True) for part in pair]
    for order in (both, both[::-1], sorted(both, key=lambda part: part.text)):
        text = read_pdf(placed([[*foot, *order, *head]])).text
        assert text.split() == " ".join([head[0].text, *left, *other, foot[0].text]).split()


def test_three_columns_are_read_one_after_the_other() -> None:
    columns = [lines(40 + 180 * n, 700, [f"{n} {line[:26]}" for line in PROSE]) for n in range(3)]
    mixed = [part for row in zip(*columns, strict=True) for part in row]
    starts = [word for word in read_pdf(placed([mixed])).text.split() if word.isdigit()]
    assert starts == ["0"] * 5 + ["1"] * 5 + ["2"] * 5


def test_a_word_that_no_space_divides_is_told_by_the_room_between_letters() -> None:
    assert read_pdf(placed([[Text(60, 700, "One"), Text(84, 700, "two"), Text(103, 700, "three")]])).text == (
        "One twothree\n"
    )


def test_paragraphs_are_told_by_room_indentation_and_short_lines() -> None:
    page = [
        *lines(60, 700, PROSE),
        *lines(60, 628, PROSE),  # room above
        *[Text(78, 568, PROSE[0]), *lines(60, 556, PROSE[1:])],  # set in
        *lines(60, 508, ["in ink.", "A short line.", *PROSE]),
    ]
    whole = "\n".join(PROSE)
    assert texts(read_pdf(placed([page]))) == [whole, whole, f"{whole}\nin ink.", "A short line.", whole]


def test_a_sentence_of_a_law_is_one_block_though_its_lines_differ_in_length() -> None:
    """Lines as a ragged page has them: a quote was cut where a line was a little shorter than the others."""
    law = [
        "(1) Whoever keeps a lighthouse shall light its lamp at dusk",
        "and shall keep it burning until sunrise, notwithstanding",
        "any provision of this Part to the contrary, unless the harbour",
        "authority has, by an order under section 14 (2), released",
        "him from that duty.",
        "(2) An order under subsection (1) has no effect before it is",
        "published.",
    ]
    assert texts(read_pdf(placed([lines(60, 700, law)]))) == ["\n".join(law[:5]), "\n".join(law[5:])]


def test_headings_are_told_by_their_type_and_larger_ones_are_outer_ones() -> None:
    page = [
        Text(60, 720, "The Lighthouse", 16),
        *lines(60, 690, PROSE),
        Text(60, 610, "Oil", 10, "CB"),
        *lines(60, 590, PROSE),
        Text(60, 510, "Who pays for it, etc.?", 13),
        *lines(60, 480, PROSE),
    ]
    heads = [(block.level, text) for block, text in _blocks(page) if block.kind is BlockKind.HEADING]
    assert heads == [(1, "The Lighthouse"), (3, "Oil"), (2, "Who pays for it, etc.?")]


def test_headings_of_a_text_in_one_type_are_told_by_their_shape() -> None:
    page = [
        Text(60, 720, "2.1 The Lighthouse"),
        *lines(60, 690, PROSE),
        Text(60, 600, "In 1874,"),
        *lines(60, 580, PROSE),
    ]
    heads = [text for block, text in _blocks(page) if block.kind is BlockKind.HEADING]
    assert heads == ["2.1 The Lighthouse"]


def _blocks(page: list[Text]):
    taken = read_pdf(placed([page]))
    return zip(taken.blocks, texts(taken), strict=True)


def test_items_are_items_with_their_lines_and_depths() -> None:
    page = [
        Text(60, 700, "- Fire is forbidden on the quay at"),
        Text(72, 688, "night and in the morning."),
        Text(80, 676, "- Except for the lamp."),
        Text(60, 664, "- Fish."),
    ]
    taken = read_pdf(placed([page]))
    assert [(block.level, taken.text[slice(*block.content)]) for block in taken.blocks] == [
        (0, "Fire is forbidden on the quay at\nnight and in the morning."),
        (1, "Except for the lamp."),
        (0, "Fish."),
    ]
    assert {block.kind for block in taken.blocks} == {BlockKind.LIST_ITEM}
    assert len({block.group for block in taken.blocks}) == 1


def test_a_figure_is_read_with_its_label_though_the_file_draws_it_elsewhere() -> None:
    """A file may draw all labels first; its figures were quoted alone, under the next heading."""
    labels = ["Stores at the end of the year", "Sales per store"]
    page = [
        Text(60, 740, "Exhibit 5", 14),
        *lines(60, 700, labels),
        Text(60, 640, "Exhibit 4", 14),
        *lines(60, 610, PROSE),
        right(500, 700, "1,308"),
        right(500, 688, "2.4"),
    ]
    text = read_pdf(placed([page])).text
    assert "Stores at the end of the year | 1,308\nSales per store | 2.4\n" in text


def test_a_figure_alone_stays_with_the_lines_above_it() -> None:
    page = [*lines(60, 700, PROSE), Text(60, 628, "1,308"), Text(60, 560, "Exhibit 4", 14), *lines(60, 530, PROSE)]
    assert texts(read_pdf(placed([page])))[0].endswith("into the book.\n1,308")


def test_running_heads_with_the_names_of_chapters_are_left_out_by_their_page_numbers() -> None:
    names = ["Oil", "Oil", "Lamps", "Lamps", "Keepers", "Keepers"]
    pages = [
        [
            Text(60, 770, f"Chapter {names[n]} {n + 7}"),
            *lines(60, 700, [f"{name} line {PROSE[n % 5]}" for name in names]),
        ]
        for n in range(6)
    ]
    assert "Chapter" not in read_pdf(placed(pages)).text


def test_a_number_that_counts_two_pages_is_left_out_and_another_is_kept() -> None:
    pages = [[*lines(60, 700, PROSE), Text(300, 40, number)] for number in ("21", "22")]
    assert "21" not in read_pdf(placed(pages)).text
    pages = [[*lines(60, 700, PROSE), Text(300, 40, number)] for number in ("21", "25")]
    assert "21" in read_pdf(placed(pages)).text


def test_text_in_another_direction_comes_last_and_has_its_boxes() -> None:
    page = [Text(20, 300, "Draft of June", turn="0 1 -1 0"), *lines(60, 700, PROSE)]
    taken = read_pdf(placed([page]))
    assert texts(taken) == ["\n".join(PROSE), "Draft of June"]
    left, top, right_end, bottom = box(taken, "Draft")
    assert (right_end - left) * 600 == pytest.approx(12, abs=3)
    assert (top, bottom) == pytest.approx(((800 - 330) / 800, 500 / 800), abs=0.01)


def test_a_page_that_lies_on_its_side_is_read_like_another() -> None:
    page = [Text(100 + 12 * n, 50, line, turn="0 1 -1 0") for n, line in enumerate(PROSE)]
    assert texts(read_pdf(placed([page]))) == ["\n".join(PROSE)]


def test_text_off_the_page_is_not_read() -> None:
    assert read_pdf(placed([[Text(60, 700, "Seen."), Text(60, 900, "Unseen."), Text(-200, 600, "Unseen.")]])).text == (
        "Seen.\n"
    )


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
@pytest.mark.parametrize("password", ["secret", ""])
def test_a_protected_file_is_read_where_it_opens_without_a_password(algorithm: str, password: str) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([["Some words here."]]))))
    writer.encrypt(password, owner_password="owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    if password:
        with pytest.raises(NotTextError, match="it is protected by a password"):
            read_pdf(out.getvalue())
    else:
        assert read_pdf(out.getvalue()).text == "Some words here.\n"


def test_a_protection_that_is_not_known_is_named() -> None:
    data = pdf([["Words."]]).replace(
        b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Unknown /V 9 /R 9 /O (a) /U (b) /P 0 >> /ID [(a) (a)]"
    )
    with pytest.raises(NotTextError, match="protected in a way that cannot be opened"):
        read_pdf(data)


def test_a_file_whose_table_of_objects_is_lost_is_mended() -> None:
    data = pdf([["Some words here."]])
    table = slice(data.index(b"xref"), data.index(b"trailer"))
    assert read_pdf(data.replace(data[table], b"")).text == "Some words here.\n"


def test_soft_hyphens_within_a_line_are_not_shown() -> None:
    assert read_pdf(placed([[Text(60, 700, "A light\x03house.", font="L")]])).text == "A lighthouse.\n"


def test_a_page_that_is_damaged_is_empty_and_the_others_are_read() -> None:
    data = pdf([["One."], ["Two."], ["Three."]]).replace(b"/Kids [4 0 R 6 0 R", b"/Kids [4 0 R 3 0 R")
    taken = read_pdf(data)
    assert taken.text.split() == ["One.", "Three."]
    assert len(taken.pages) == 3


def test_more_pages_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_page, "MAX_PAGES", 2)
    with pytest.raises(NotTextError, match="it has 3 pages, more than the 2 that are read"):
        read_pdf(pdf([["One."]] * 3))


def test_more_characters_on_a_page_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_chars, "MAX_PAGE_CHARACTERS", 10)
    with pytest.raises(NotTextError, match="a page of it holds 16 characters"):
        read_pdf(pdf([["Some words here."]]))


def test_a_guarded_process_gives_what_this_one_does() -> None:
    data = placed([[Text(60, 740, "The Lighthouse", 16), *lines(60, 700, PROSE)]])
    with Extractor() as extractor:
        assert extractor.extract(data, ".pdf") == read_pdf(data)


def test_forms_within_forms_are_looked_into_for_rules_only_so_deep() -> None:
    form = "<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X {} 0 R >> >> /Length 6 >>"
    chain = [form.format(5 + n).encode() + b"\nstream\n/X Do \nendstream" for n in range(2_000)]
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        b"/Resources << /XObject << /X 6 0 R >> "
        b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> >> >>"
    )
    content = b"<< /Length 50 >>\nstream\nBT /F 10 Tf 60 700 Td (Words.) Tj ET /X Do        \nendstream"
    root = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    with Extractor() as extractor:
        assert extractor.extract(pdf_file([*root, page, content, b"null", *chain]), ".pdf").text == "Words.\n"


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.integers(-50, 620),
            st.integers(-50, 820),
            st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), min_size=1, max_size=12),
            st.sampled_from([1, 8, 10, 30]),
            st.sampled_from(["C", "CB", "L"]),
            st.sampled_from(["1 0 0 1", "0 1 -1 0", "-1 0 0 -1", "1 0.5 0 1"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_text_anywhere_gives_blocks_in_order_and_a_box_for_each_character(parts: list[tuple]) -> None:
    try:
        taken = read_pdf(placed([[Text(*part) for part in parts]] * 2))
    except NotTextError as error:
        if "holds no text" not in str(error):
            raise
        return
    assert len(unpack(taken.boxes, len(taken.text))) == len(taken.text)
    at = 0
    for block in taken.blocks:
        assert at <= block.start < block.end <= len(taken.text)
        assert not taken.text[at : block.start].strip()
        assert taken.text[block.start : block.end].strip() == taken.text[block.start : block.end]
        assert [block.start <= cell.start <= cell.end <= block.end for cell in block.cells] == [True] * len(block.cells)
        at = block.end
    assert not taken.text[at:].strip()


def test_letters_of_a_negative_size_that_are_turned_back_are_read_as_they_are_seen() -> None:
    page = [one._replace(size=-10, turn="-1 0 0 -1") for one in lines(60, 700, PROSE)]
    assert texts(read_pdf(placed([page]))) == texts(read_pdf(placed([lines(60, 700, PROSE)])))


@pytest.mark.parametrize(("every", "is_read"), [(1, False), (3, True)])
def test_a_page_whose_fonts_do_not_say_what_its_letters_are_is_read_as_a_picture(
    every: int, monkeypatch: pytest.MonkeyPatch, *, is_read: bool
) -> None:
    real, seen = pdf_page.glyphs_of, []

    def unknown(*args: object) -> list[pdf_chars.Glyph]:
        return [g if n % every else g._replace(text="\ue001") for n, g in enumerate(real(*args))]

    def glyphs(recogniser: object, raw: object, page: object, width: float, height: float) -> list[pdf_chars.Glyph]:
        seen.append((width, height))
        return []

    monkeypatch.setattr(pdf_page, "glyphs_of", unknown)
    monkeypatch.setattr("partnership_qa.sources.ocr.Recogniser.glyphs", glyphs)
    page = placed([lines(60, 700, PROSE)])
    if is_read:
        assert read_pdf(page).text.count("\ue001") > 10
        assert not seen
        return
    with pytest.raises(NotTextError, match="it holds no text"):
        read_pdf(page)
    assert seen == [(600, 800)]
