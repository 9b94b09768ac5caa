"""Word files: headings with their numbers, notes, and what is no text of the document."""

from __future__ import annotations

import io
import zipfile

import pytest
from files import SPACE, item, level, word
from test_extraction import outline, sound

from partnership_qa.document import make_document
from partnership_qa.sources.docx import read_docx
from partnership_qa.sources.encoding import NotTextError

OUTLINE = "".join(
    level(at, shown, more=f'<w:pStyle w:val="Heading{at + 1}"/>') for at, shown in enumerate(("%1.", "%1.%2"))
)
PLAIN = level(0, "%1.") + level(1, "%1.%2") + level(2, "(%3)", "lowerLetter")


def numbering(levels: str) -> str:
    made = f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum>'
    return f'{made}<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'


def paragraph(text: str, style: str = "", runs: str = "") -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r><w:t>{text}</w:t></w:r>{runs}</w:p>"


def headings(data: bytes) -> list[tuple[str, ...]]:
    taken = read_docx(data)
    sound(taken)
    return [section.headings for section in make_document("a.docx", data, taken.text, taken.blocks).sections]


def numbered(text: str, at: int, *, bold: bool = False) -> str:
    made = item(text, at)
    return made.replace("<w:r>", "<w:r><w:rPr><w:b/></w:rPr>") if bold else made


def test_numbered_headings_keep_their_nesting_and_show_their_numbers() -> None:
    body = "".join(
        item(text, at, more=f'<w:pStyle w:val="Heading{at + 1}"/>') + paragraph("Some words.")
        for text, at in (("Pay", 0), ("Leave", 0), ("Holidays", 1), ("Illness", 1), ("Equipment", 0))
    )
    assert headings(word(body, numbering(OUTLINE))) == [
        ("1. Pay",), ("2. Leave",), ("2. Leave", "2.1 Holidays"), ("2. Leave", "2.2 Illness"), ("3. Equipment",),
    ]  # fmt: skip


def test_a_style_based_on_a_heading_is_one() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="My"><w:name w:val="My"/><w:basedOn w:val="Heading2"/></w:style>'
    body = paragraph("Rules", "Heading1") + paragraph("Quay", "My") + paragraph("Some words.")
    assert headings(word(body, styles=styles))[-1] == ("Rules", "Quay")


def test_a_table_of_contents_is_left_out() -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{based}</w:style>'
        for key, name, based in (
            ("Inhalt1", "toc 1", ""), ("Mine", "Mine", '<w:basedOn w:val="Inhalt1"/>'), ("Top", "TOC Heading", ""),
        )
    )  # fmt: skip
    lines = (("Contents", "Top"), ("Rules\t1", "Inhalt1"), ("Quay\t2", "Mine"))
    body = "".join(paragraph(text, style) for text, style in lines)
    body += paragraph("Rules", "Heading1") + paragraph("Some words.")
    assert read_docx(word(body, styles=styles)).text.split() == ["Rules", "Some", "words."]


def test_numbered_lines_over_the_text_of_their_clause_are_headings() -> None:
    body = paragraph("Contract", "Heading1")
    for title in ("Leave", "Equipment"):
        body += numbered(title, 0) + numbered(f"{title} is granted by the harbour master.", 1) + item("In writing.", 2)
    taken = read_docx(word(body, numbering(PLAIN)))
    assert outline(taken) == [
        "h1 Contract", "h2 1. Leave", "li1 Leave is granted by the harbour master.", "li2 In writing.",
        "h2 2. Equipment", "li1 Equipment is granted by the harbour master.", "li2 In writing.",
    ]  # fmt: skip
    assert "2.1 Equipment is granted by the harbour master.\n2.1 (a) In writing." in taken.text


def test_a_bold_numbered_line_over_a_paragraph_is_a_heading() -> None:
    body = numbered("Leave", 0, bold=True) + paragraph("Thirty days.") + numbered("Equipment", 0, bold=True)
    assert headings(word(body + paragraph("A lamp."), numbering(PLAIN))) == [("1. Leave",), ("2. Equipment",)]


def test_items_of_a_numbered_list_are_no_headings() -> None:
    body = item("Fruit") + item("Apples", 1) + item("Bread") + paragraph("Nothing else is sold here.")
    assert outline(read_docx(word(body, numbering(PLAIN)))) == [
        "li0 Fruit", "li1 Apples", "li0 Bread", "p Nothing else is sold here.",
    ]  # fmt: skip


def test_footnotes_follow_their_section_under_their_numbers() -> None:
    note = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    notes = {
        "footnotes": "".join(f'<w:footnote w:id="{n}">{paragraph(f"Note {n}.")}</w:footnote>' for n in (0, 5, 3)),
        "endnotes": f'<w:endnote w:id="1">{paragraph("An endnote.")}</w:endnote>',
    }
    body = (
        paragraph("Fees", "Heading1") + paragraph("Three crowns.", runs=note.format(5)) + paragraph("No more.")
        + paragraph("Rules", "Heading1") + paragraph("No fire.", runs=note.format(3))
        + paragraph("No fish.", runs='<w:r><w:endnoteReference w:id="1"/></w:r>')
        + paragraph("Gone.", runs=f"<w:del>{note.format(0)}</w:del>")
    )  # fmt: skip
    taken = read_docx(word(body, notes=notes))
    sound(taken)
    assert taken.text.strip().split("\n\n") == [
        "Fees", "Three crowns.", "No more.", "[1] Note 5.", "Rules", "No fire.", "No fish.", "Gone.",
        "[2] Note 3.\n[i] An endnote.",
    ]  # fmt: skip
    assert outline(taken)[3] == "li0 Note 5."


def test_headers_and_feet_are_left_out() -> None:
    from docx import Document

    document = Document()
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Some words.")
    out = io.BytesIO()
    document.save(out)
    assert read_docx(out.getvalue()).text == "Some words.\n"


def test_entities_of_a_numbering_part_are_not_resolved() -> None:
    made, out = word(item("a."), numbering(PLAIN)), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "word/numbering.xml":
                head = "<!DOCTYPE w [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
                content = f"{head}<w:numbering {SPACE}>&x;</w:numbering>".encode()
            new.writestr(entry.filename, content)
    with pytest.raises(NotTextError, match="no DOCX file that can be opened"):
        read_docx(out.getvalue())


def cells(*columns: list[str], more: str = "") -> str:
    """A row whose cells have these lines."""
    held = "".join(f"<w:tc>{more}{''.join(map(paragraph, lines))}</w:tc>" for lines in columns)
    return f"<w:tr>{held}</w:tr>"


LABELS, FIRST, SECOND = ["", "Income", "Tax", "Rest"], ["€", "17,542", "825", "4.7%"], ["€", "18,000", "0", "0%"]


def test_figures_below_one_another_in_a_row_of_cells_are_rows() -> None:
    body = f"<w:tbl>{cells([''], ['2006'], ['2007'])}{cells(LABELS, FIRST, [*SECOND, ''])}</w:tbl>"
    taken = read_docx(word(body))
    sound(taken)
    assert outline(taken) == [
        "head |2006|2007", "row |€|€", "row Income|17,542|18,000", "row Tax|825|0", "row Rest|4.7%|0%",
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [
    (["Income", "Tax", "Rest", "More"], ["17", "8", "4"]),
    (["Boat", "Berth", "Owner"], ["A small dinghy", "Under the north wall", "Ann Berg"]),
    (["Income", "Tax"], ["17", "8"]),
], ids=["uneven", "words", "two lines"])  # fmt: skip
def test_other_lines_in_cells_are_of_one_row(columns: tuple[list[str], ...]) -> None:
    taken = read_docx(word(f"<w:tbl>{cells(['Kind'], ['Fee'])}{cells(*columns)}</w:tbl>"))
    assert len(outline(taken)) == 2


def test_a_merged_cell_is_not_cut_into_lines() -> None:
    merged = "<w:tcPr><w:gridSpan w:val='2'/></w:tcPr>"
    body = f"<w:tbl>{cells(['A'], ['B'], ['C'], ['D'])}{cells(LABELS, FIRST, more=merged)}</w:tbl>"
    assert len(outline(read_docx(word(body)))) == 2


BOLD = "<w:rPr><w:b/></w:rPr>"


def in_bold(text: str) -> str:
    return f"<w:p><w:r>{BOLD}<w:t>{text}</w:t></w:r></w:p>"


def test_a_short_bold_line_over_a_text_is_a_heading() -> None:
    body = paragraph("The harbour", "Heading1") + in_bold("Patrick") + paragraph("Patrick is a waiter who lives here.")
    assert headings(word(body + in_bold("Mary") + paragraph("Mary is aged 69 and has a boat."))) == [
        ("The harbour",), ("The harbour", "Patrick"), ("The harbour", "Mary"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [
    in_bold("Mind the tide.") + paragraph("It turns at noon and again at night."),
    in_bold("Note:") + paragraph("It turns at noon and again at night."),
    in_bold("Who") + in_bold("Anna Berg keeps the lamp of the harbour."),
    in_bold("Anna Berg") + paragraph("Keeper"),
    paragraph("Patrick") + paragraph("Patrick is a waiter who lives here."),
    in_bold("- or -") + paragraph("It turns at noon and again at night."),
], ids=["sentence", "introduction", "all bold", "no text", "not bold", "no words"])  # fmt: skip
def test_other_bold_lines_are_no_headings(body: str) -> None:
    assert not any(line.startswith("h") for line in outline(read_docx(word(body))))
