"""HTML, PDF and DOCX: what is taken from them, with which structure, and what is left out."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from files import docx, pdf
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.document import BlockKind
from partnership_qa.errors import OptionalDependencyError
from partnership_qa.index import build, open_index
from partnership_qa.qa import QA
from partnership_qa.sources import load_corpus
from partnership_qa.sources.docx import read_docx
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.html import read_html
from partnership_qa.sources.pdf import read_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnership_qa.sources.layout import Extracted

REAL = Path(__file__).parents[1] / "real"


def outline(taken: Extracted) -> list[str]:
    """A line a block, as `fakes.outline` gives it."""
    names = {BlockKind.HEADING: "h", BlockKind.LIST_ITEM: "li", BlockKind.PARAGRAPH: "p", BlockKind.CODE: "code"}
    shown = []
    for block in taken.blocks:
        if block.cells:
            cells = "|".join(taken.text[start:end] for start, end in block.cells)
            shown.append(f"{'head' if block.is_header else 'row'} {cells}")
            continue
        level = block.level if block.kind in (BlockKind.HEADING, BlockKind.LIST_ITEM) else ""
        shown.append(f"{names[block.kind]}{level} {taken.text[slice(*block.content)]}")
    return shown


def html(body: str) -> list[str]:
    return outline(read_html(f"<html><body>{body}</body></html>".encode()))


def sound(taken: Extracted) -> None:
    """Blocks stand in order, are trimmed, hold their content and cells, and nothing but white space lies between."""
    at = 0
    for block in taken.blocks:
        assert at <= block.start < block.end <= len(taken.text)
        assert not taken.text[at : block.start].strip()
        assert taken.text[block.start : block.end].strip() == taken.text[block.start : block.end]
        assert block.start <= block.content.start <= block.content.end == block.end
        inner = block.start
        for cell in block.cells:
            assert inner <= cell.start <= cell.end <= block.end
            inner = cell.end
        at = block.end
    assert not taken.text[at:].strip()


def test_html_headings_paragraphs_and_code() -> None:
    body = "<h1>The <i>L</i>ong\n Road</h1><p>One\n  two <b>th</b>ree.<br>Four.</p>five<pre>a\n  b</pre><div>six</div>"
    assert html(body) == ["h1 The Long Road", "p One two three.\nFour.", "p five", "code a\n  b", "p six"]


def test_html_lists_are_one_list_with_depths_and_numbers() -> None:
    body = "<p>Forbidden:</p><ul><li>Fire<ul><li>at night</li></ul></li><li><p>Fish</p><p>and eels</p></li></ul>"
    taken = read_html((body + "<ol><li>First<li>Second</ol>").encode())
    assert outline(taken) == [
        "p Forbidden:", "li0 Fire", "li1 at night", "li0 Fish", "p and eels", "li0 First", "li0 Second",
    ]  # fmt: skip
    assert "1. First\n2. Second" in taken.text
    assert [block.group for block in taken.blocks] == [-1, 0, 0, 0, -1, 1, 1]


def test_html_definitions_follow_their_terms() -> None:
    body = "<dl><dt>Keeper</dt><dd><p>Who lights it.</p><p>Once a day.</p></dd><dt>Lens:</dt><dd>Of glass.</dd>"
    assert html(f"{body}<dt>Oil</dl>") == [
        "li0 Keeper: Who lights it.",
        "p Once a day.",
        "li0 Lens: Of glass.",
        "li0 Oil",
    ]


def test_html_tables_have_columns_rows_and_cells() -> None:
    rows = "<tr><th>Boat<th>Fee<th>Berth</tr><tr><td>Dinghy<td rowspan=2>3<td>North</tr><tr><td>Cutter<td></tr>"
    assert html(f"<table><caption>Fees of 1901</caption>{rows}</table>") == [
        "p Fees of 1901", "head Boat|Fee|Berth", "row Dinghy|3|North", "row Cutter|3|",
    ]  # fmt: skip


def test_html_columns_without_header_cells_are_told_as_in_plain_text() -> None:
    body = "<table><tr><td>Year<td>Barrels<tr><td>1890<td>40</table>"
    assert html(body) == ["head Year|Barrels", "row 1890|40"]
    labels = "<table><tr><th>Dug<td>1874<tr><th>Length<td>300</table>"
    assert html(labels) == ["row Dug|1874", "row Length|300"]


@pytest.mark.parametrize("table", [
    "<table role=presentation><tr><td>left<td>right<tr><td>a<td>b</table>",
    "<table><tr><td>left<td>right</table>",
    "<table><tr><td><table><tr><td>left<td>right</table></table>",
    "<table><tr><td><h2>left</h2><td>right<tr><td>a<td>b</table>",
])  # fmt: skip
def test_html_tables_that_only_place_things_are_running_text(table: str) -> None:
    assert not [line for line in html(table) if line.startswith(("row", "head"))]


def test_html_what_a_browser_does_not_show_is_left_out() -> None:
    hidden = (
        "<script>s1()</script><style>s2{}</style><noscript>s3</noscript><template>s4</template><nav>s5</nav>"
        "<div hidden>s6 <p hidden>s6b</p></div><p style='color:red; Display : NONE'>s7</p><!-- s8 -->"
        "<svg><text>s9</text></svg>"
        "<table><tr><td>a<td>b<tr hidden><td>s10<td>s11<tr><td>c<td><span hidden>s12</span>d</table>"
        "<textarea>s13</textarea><select><option>s14</select><iframe src='http://192.0.2.1/'>s15</iframe>"
    )
    taken = read_html(f"<title>Page</title><body>{hidden}<p>Seen.</p>".encode())
    assert outline(taken) == ["h1 Page", "row a|b", "row c|d", "p Seen."]


def test_html_table_of_contents_is_left_out() -> None:
    contents = "<dl><dt>1. <a href='page.html#one'>The light</a><dd><dl><dt><a href='#two'>Its lens</a></dl></dl>"
    page = f"{contents}<h2 id=one>The light</h2><p>Lit.</p><h3><a name=two></a>Its lens</h3><p>Cut.</p>"
    assert html(page) == ["h2 The light", "p Lit.", "h3 Its lens", "p Cut."]


@pytest.mark.parametrize("mark", ["role=navigation", "role=doc-toc", "class='note toc'", "id=toc"])
def test_html_what_says_that_it_leads_elsewhere_is_left_out(mark: str) -> None:
    assert html(f"<div {mark}><p>Contents<ul><li><a href='other.html'>The light</a></ul></div><p>Lit.") == ["p Lit."]


def test_html_page_that_is_called_toc_is_read() -> None:
    assert html("<p class=tocs>Lit.<p class=toc>Dark.") == ["p Lit.", "p Dark."]
    assert outline(read_html(b"<body class=toc><p>Lit.")) == ["p Lit."]


@pytest.mark.parametrize("items", [
    "<li><a href='#one'>The light</a><li><a href='other.html#far'>Its lens</a>",  # of another page
    "<li><a href='#one'>The light</a><li><a href='https://example.org/'>Its lens</a>",
    "<li><a href='#one'>The light</a><li><a href='#one'>Its lens</a>, cut in 1874",
    "<li><a href='#one'>The light</a>",
])  # fmt: skip
def test_html_lists_that_say_more_than_the_page_says_again_stay(items: str) -> None:
    assert html(f"<ul>{items}</ul><h2 id=one>The light</h2>")[0] == "li0 The light"


def test_html_in_the_encoding_that_it_names() -> None:
    taken = read_html("<meta charset='iso-8859-1'><p>Väsby".encode("latin-1"))
    assert (taken.text, taken.note) == ("Väsby\n", "read as iso8859-1, which it says it is")


@given(st.lists(st.sampled_from([
    "<p>", "</p>", "word ", "<ul>", "</ul>", "<li>", "<ol>", "<dl>", "<dt>", "<dd>", "</dl>", "<table>", "</table>",
    "<tr>", "<td>", "<th colspan=3>", "<td rowspan=2>", "<h2>", "</h2>", "<br>", "<pre>", "</pre>", "<b>", "\n", "|",
    "<div hidden>", "</div>", "- ", "\ufeff", "<!--", "-->", "<td rowspan=9999 colspan=9999>", "é́",
]), max_size=25))  # fmt: skip
def test_html_of_any_tags_gives_sound_blocks(parts: list[str]) -> None:
    sound(read_html("".join(parts).encode()))


def test_docx_has_the_structure_of_its_styles() -> None:
    taken = read_docx(docx())
    sound(taken)
    assert outline(taken) == [
        "h1 Harbour of Väsby", "p The harbour was dug in 1874 by Ingrid Holm.", "h2 Fees",
        "p Every boat pays by its length.", "head Boat|Fee|Berth", "row Dinghy|3|North", "row Cutter|12|",
        "h2 Rules of the quay", "p Three things are forbidden on the quay:", "li0 Lighting a fire.",
        "li0 Selling fish after noon.", "li0 Mooring without a lantern.", "li1 In the evening too.",
    ]  # fmt: skip


def test_docx_deleted_and_hidden_text_is_left_out_and_inserted_text_read() -> None:
    from docx import Document
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = Document()
    for inner in (
        "<w:r><w:t>kept </w:t></w:r><w:ins><w:r><w:t>inserted</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>",
        "<w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink><w:r><w:br/><w:t>next</w:t></w:r>",
    ):
        document.element.body.append(parse_xml(f"<w:p {space}>{inner}</w:p>"))
    document.element.body.append(
        parse_xml(f"<w:sdt {space}><w:sdtContent><w:p><w:r><w:t>control</w:t></w:r></w:p></w:sdtContent></w:sdt>")
    )
    out = io.BytesIO()
    document.save(out)
    assert outline(read_docx(out.getvalue())) == ["p kept inserted", "p a link\nnext", "p control"]


def test_docx_cells_that_span_are_said_in_each_row_and_once_in_each_column() -> None:
    from docx import Document

    document = Document()
    table = document.add_table(rows=3, cols=3)
    for row, texts in zip(table.rows, ("abc", "def", "ghi"), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    out = io.BytesIO()
    document.save(out)
    assert outline(read_docx(out.getvalue())) == ["row a|b c|", "row d g|e|f", "row d g|h|i"]


LONG = "The lamp of the lighthouse was lit at dusk by the keeper and his two sons"


def test_pdf_pages_begin_where_their_text_does() -> None:
    taken = read_pdf(
        pdf([["The Lighthouse", f"{LONG}, who"], ["lived below it.", "Oil burnt"], [], ["Paraffin came later."]])
    )
    sound(taken)
    assert [taken.text[start:][:7] for start in taken.pages] == ["The Lig", "lived b", "\nParaff", "Paraffi"]
    assert f"{LONG}, who\nlived below it." in [taken.text[block.start : block.end] for block in taken.blocks]


def test_pdf_running_heads_and_feet_are_left_out() -> None:
    pages = [["Annual Report", f"Sentence number {n} stands here.", f"Page {n} of 5"] for n in range(5)]
    assert read_pdf(pdf(pages)).text.split() == " ".join(f"Sentence number {n} stands here." for n in range(5)).split()


def _pages(heads: Callable[[int], list[str]], feet: Callable[[int], list[str]], count: int = 8) -> str:
    """Text of a PDF whose every page has a word of its own between these lines."""
    words = ["anchor", "bollard", "cleat", "davit", "ebb", "fender", "gaff", "hawser", "inlet", "jetty"]
    return read_pdf(
        pdf([[*heads(n), f"The {words[n]} is {len(words[n])} feet long.", *feet(n)] for n in range(count)])
    ).text


@pytest.mark.parametrize(
    ("heads", "feet"),
    [
        (lambda n: ["Example Company", "Form 10-K"], lambda n: []),
        (lambda n: [], lambda n: ["11/23/26, 12:25 AM Annual report", f"file:///report.html {n + 1}/8"]),
        (lambda n: [], lambda n: ["Example Company", f"{n + 41} See the notes", "Draft"]),
        (lambda n: ["Example Company"] if n % 2 else ["Annual report"], lambda n: [str(n + 1)]),
        (lambda n: [], lambda n: [f"Page {n + 1}" if n < 5 else f"Page {n - 4}"]),
    ],
    ids=["two at the head", "two at the foot", "three at the foot", "left and right", "counted anew in an annex"],
)
def test_pdf_running_lines_of_several_kinds_are_left_out(
    heads: Callable[[int], list[str]], feet: Callable[[int], list[str]]
) -> None:
    assert _pages(heads, feet) == _pages(lambda n: [], lambda n: [])


@pytest.mark.parametrize("head", [[], ["Example Company"]])
def test_pdf_what_pages_say_in_like_words_is_kept(head: list[str]) -> None:
    dates = [f"Date of entry: {7 * n % 5}" for n in range(8)]
    text = _pages(lambda n: [*head, dates[n]], lambda n: [])
    assert [line for line in text.splitlines() if line.startswith(("Date", "Example"))] == dates


@pytest.mark.parametrize("spoil", ["encrypted", "a scan", "no PDF", "cut"])
def test_pdf_that_cannot_be_read_says_why(spoil: str) -> None:
    from pypdf import PdfReader, PdfWriter

    data = pdf([["Some words here."]])
    if spoil == "encrypted":
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
        writer.encrypt("secret", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
        data, reason = out.getvalue(), "protected by a password"
    elif spoil == "a scan":
        data, reason = pdf([[], []]), "holds no text"
    elif spoil == "no PDF":
        data, reason = b"words", "no PDF file"
    else:
        data, reason = data[:100], "damaged PDF"
    with pytest.raises(NotTextError, match=reason):
        read_pdf(data)


@pytest.mark.parametrize(("library", "read", "extra"), [
    ("selectolax.lexbor", read_html, "html"), ("pypdfium2", read_pdf, "pdf"), ("docx", read_docx, "docx"),
])  # fmt: skip
def test_a_missing_library_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, library: str, read, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(OptionalDependencyError, match=rf"pip install 'partnership_qa\[{extra}\]'"):
        read(b"")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> QA:
    root = tmp_path_factory.mktemp("real") / "index"
    build(REAL, root, FakeEncoder())
    return QA.assemble(open_index(root), FakeEncoder(), FakeReader(), FAKE_CALIBRATION)


@pytest.mark.parametrize("name", ["compatibility.html", "archives.docx", "archives.pdf"])
def test_real_files_give_sound_blocks(name: str) -> None:
    read = {"html": read_html, "docx": read_docx, "pdf": read_pdf}[name.rpartition(".")[2]]
    sound(read((REAL / name).read_bytes()))


@pytest.mark.parametrize(("question", "document", "words"), [
    ("What are the following architectures?", "compatibility.html", "armel: little-endian ARM machines."),
    ("Which distribution has a high risk of breaking?", "archives", "Experimental"),
    ("Who made the decision of using Toy Story names?", "archives", "Bruce Perens"),
])  # fmt: skip
def test_real_files_are_asked(real: QA, question: str, document: str, words: str) -> None:
    found = real.answer(question, k=8)  # the fake vectors find little
    assert found.answered
    assert words in found.text
    assert found.citations[0].document.startswith(document)


def test_real_pdf_is_cited_with_its_page(real: QA) -> None:
    hits = [hit.passage for hit in real.search("Toy Story characters buzz rex slink toy dog", k=8)]
    pages = {hit.page for hit in hits if hit.document == "archives.pdf"}
    source = real.index.sources["archives.pdf"]
    slink = source.text.index("slink (Debian 2.1)")
    assert source.page(source.text.index("rex (Debian 1.2)")) == 1
    assert source.page(slink) == 2
    assert pages <= {1, 2}
    assert pages


def test_words_of_a_font_that_claims_wide_spaces_are_kept_apart() -> None:
    """The font of this file says that its space is an em wide."""
    assert "There are three major distributions" in read_pdf((REAL / "archives.pdf").read_bytes()).text


def test_a_corpus_of_all_formats_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([["One word stands here."]]))
    (tmp_path / "b.docx").write_bytes(docx())
    (tmp_path / "c.HTM").write_bytes(b"<p>Some words.")
    (tmp_path / "d.pdf").write_bytes(b"no pdf")
    documents, skipped = load_corpus(tmp_path)
    assert [document.name for document in documents] == ["a.pdf", "b.docx", "c.HTM"]
    assert [(entry.name, entry.reason) for entry in skipped] == [("d.pdf", "it is no PDF file")]
