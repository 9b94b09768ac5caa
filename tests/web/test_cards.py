"""What a card shows of each kind of answer, and that its source and its exports have the same numbers."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from fakes import FakeEncoder
from markup import Reader

from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, AnswerPart, Kind, NoAnswer, Reason
from partnership_qa.answering.quoted import quoted
from partnership_qa.index import build, open_index
from partnership_qa.text import Span
from partnership_qa.trace import Trace
from partnership_qa.web import export
from partnership_qa.web.examples import candidates
from partnership_qa.web.html.cards import turn_card
from partnership_qa.web.html.panels import source_panel
from partnership_qa.web.turns import Turn


@pytest.fixture
def cite(index):
    """Cites a quote of the corpus, with the words marked in it."""

    def cite(quote, *words, document="harbour.md", section=()):
        source = index.sources[document]
        start = source.text.index(quote)
        marked = [source.text.index(one, start) for one in words or (quote,)]
        highlights = tuple(Span(at, at + len(one)) for at, one in zip(marked, words or (quote,), strict=True))
        return Citation(
            document, start, start + len(quote), quote, highlights, source.line(start), None, section, source.sha256
        )

    return cite


def turn(result):
    return Turn("When?", Trace(result, (), 0.5), "gen", 5, 3)


def answer(kind, *parts, others=(), note=""):
    """An answer of (text, citations...) parts."""
    said = tuple(AnswerPart(text, tuple(cited)) for text, *cited in parts)
    cited = tuple(dict.fromkeys((*(one for part in said for one in part.citations), *others)))
    return turn(Answer("When?", None, "\n".join(p.text for p in said), 0.8, cited, note, kind, said))


def lines(html):
    """The lines of an answer, as they are read, with their numbers."""
    found = re.findall(r"<p class='pq-answer.*?</p>|<li dir='auto'>.*?</li>", html, re.DOTALL)
    return [Reader(one).text for one in found]


def numbers(html):
    """The numbers beside quotes, in the order in which they stand on a card."""
    return [int(one) for one in re.findall(r"class='pq-num' aria-hidden='true'>(\d+)<", html)]


DUG = "The harbour was dug in 1874 by Ingrid Holm."
OIL = "Paraffin replaced it in 1893, because it was cheaper by half."
LENS = "It weighs two tonnes and cost 4,000 kronor."


@pytest.mark.parametrize("kind", [Kind.WORDS, Kind.SENTENCES, Kind.PARTS])
def test_each_part_has_its_line_and_numbers_and_each_quote_stands_once(index, cite, kind):
    dug, oil, lens = cite(DUG, "1874"), cite(OIL, document="ledger.txt"), cite(LENS, document="letters/june.txt")
    one = answer(kind, ("1874", dug), ("1893", oil, dug), others=(lens,), note="2 parts")
    html = turn_card(7, one, index.sources)
    assert lines(html) == ["1874 1", "1893 12"]
    assert numbers(html) == [1, 2, 3]
    own, _, also = html.partition("Also quoted")
    assert ("data-cite='7:2'" in own, "data-cite='7:3'" in own, "data-cite='7:3'" in also) == (True, False, True)
    assert Reader(html).text.count(LENS) == 1
    assert "2 parts" in own


def test_sentences_are_set_less_large_than_words(index, cite):
    cards = [turn_card(0, answer(kind, (DUG, cite(DUG))), index.sources) for kind in (Kind.WORDS, Kind.SENTENCES)]
    assert ["pq-sentence" in card for card in cards] == [False, True]


def test_a_line_break_or_a_note_makes_no_part(index, cite):
    """Nothing is guessed: a part is what the answer calls one."""
    html = turn_card(0, answer(Kind.WORDS, ("1874\nby Ingrid Holm", cite(DUG)), note="1 part"), index.sources)
    assert lines(html) == ["1874\nby Ingrid Holm 1"]


def test_a_quote_that_two_parts_share_is_one_with_the_words_of_both_marked(index, cite):
    one = answer(Kind.PARTS, ("1874", cite(DUG, "1874")), ("Ingrid Holm", cite(DUG, "Ingrid Holm")))
    html = turn_card(0, one, index.sources)
    assert lines(html) == ["1874 1", "Ingrid Holm 1"]
    assert re.findall(r'<mark class="pq-answer">(.*?)</mark>', html) == ["1874", "Ingrid Holm"]
    assert numbers(html) == [1]


def test_items_stand_for_their_own_quotes(index, cite):
    items = [cite(f"- {one}", one, section=("Rules",)) for one in ("Lighting a fire.", "Selling fish after noon.")]
    given = answer(Kind.LIST, *((one.quote[2:], one) for one in items), note="2 of 3 items")
    html = turn_card(0, given, index.sources)
    assert lines(html) == ["Lighting a fire. 1", "Selling fish after noon. 2"]
    assert (numbers(html), html.count("pq-addr")) == ([], 1)
    assert "2 of 3 items" in html


@pytest.mark.parametrize("other", [("Fees",), ("Rules",)])
def test_items_with_other_quotes_or_of_several_places_are_quoted_one_by_one(index, cite, other):
    items = [cite("- Lighting a fire.", section=("Rules",)), cite("- Selling fish after noon.", section=other)]
    others = (cite(DUG),) if other == ("Rules",) else ()
    html = turn_card(0, answer(Kind.LIST, *((one.quote[2:], one) for one in items), others=others), index.sources)
    assert lines(html) == ["Lighting a fire. 1", "Selling fish after noon. 2"]
    assert numbers(html) == list(range(1, 3 + len(others)))


def rows(cite, *cells):
    found = [cite("| Dinghy | 3   | North |", *cells[:1] or ("Dinghy", "3", "North")),
             cite("| Cutter | 12  | South |", *cells[1:] or ("Cutter", "12", "South"))]  # fmt: skip
    return answer(Kind.ROWS, *(("words", one) for one in found), note="2 rows")


def test_rows_are_a_table_under_its_header_each_with_its_number(index, cite):
    html = turn_card(0, rows(cite), index.sources)
    table = html[html.index("<table>") : html.index("</table>")].split("</tr>")
    assert [Reader(row).text for row in table[:-1]] == ["BoatFeeBerth", "Dinghy3North 1", "Cutter12South 2"]
    assert "<mark" not in html, "where every cell answers, none stands out"
    assert html.count("pq-addr") == 1


def test_the_cells_that_answer_are_marked_in_their_rows(index, cite):
    html = turn_card(0, rows(cite, "3", "12"), index.sources)
    assert re.findall(r'<mark class="pq-answer">(.*?)</mark>', html) == ["3", "12"]


def test_rows_of_a_text_that_has_changed_are_lines(index, cite):
    assert lines(turn_card(0, rows(cite), {})) == ["words 1", "words 2"]


def test_context_stands_before_its_quote_and_is_not_marked(index, cite):
    lens = cite(LENS, "4,000", document="letters/june.txt")
    before = replace(lens, context=Span(0, lens.start))
    given = answer(Kind.WORDS, ("4,000", before))
    html = turn_card(0, given, index.sources)
    context, _, quote = html.partition("<p class='pq-context' dir='auto'>")[2].partition("</p>")
    assert context.strip() == "Dear Olof, the new lens arrived on Tuesday."
    assert quote.startswith("<blockquote dir='auto'>It weighs")
    changed = {lens.document: replace(index.sources[lens.document], sha256="1" * 64)}
    for sources in ({}, changed):
        assert "pq-context" not in turn_card(0, given, sources)
    assert "pq-context" not in turn_card(0, answer(Kind.WORDS, ("4,000", lens)), index.sources)


def test_context_that_another_quote_shows_is_not_shown_twice(index, cite):
    before = "Dear Olof, the new lens arrived on Tuesday."
    first, lens = (cite(one, document="letters/june.txt") for one in (before, LENS))
    both = answer(Kind.PARTS, ("one", first), ("two", replace(lens, context=Span(first.start, first.end))))
    html = turn_card(0, both, index.sources)
    assert (Reader(html).text.count(before), "pq-context" in html) == (1, False)


def test_context_of_a_list_stands_before_its_items(index, cite):
    lead = "Three things are forbidden on the quay:"
    at = cite(lead).start
    items = [replace(cite(f"- {one}"), context=Span(at, at + len(lead))) for one in ("Lighting a fire.",)]
    html = turn_card(0, answer(Kind.LIST, *((one.quote[2:], one) for one in items)), index.sources)
    assert html.index(f"<p class='pq-context' dir='auto'>{lead}</p>") < html.index("<ul class='pq-items'>")


@pytest.fixture
def doubtful(index, qa, cite):
    cited = (cite(LENS, "4,000", document="letters/june.txt"), cite(DUG, "1874"))
    nearest = tuple(qa.search("harbour", k=2))
    return turn(NoAnswer("When?", None, "Perhaps here.", 0.4, Reason.DOUBTFUL, nearest, (), cited))


def test_candidates_are_shown_as_what_they_are(index, doubtful):
    html = turn_card(3, doubtful, index.sources)
    assert "<article class='pq-card pq-doubtful'" in html
    assert "<p class='pq-title'>The closest passages</p><p>Perhaps here. Searched:" in html
    assert "Not in the text" not in html
    assert "The nearest passages" not in html
    assert "data-cite='3:near1'" not in html
    assert re.findall(r'<mark class="pq-candidate">(.*?)</mark>', html) == ["4,000", "1874"]
    assert (numbers(html), html.count("data-cite='3:cand1'"), "aria-label='2 candidates'" in html) == ([1, 2], 1, True)


def test_a_candidate_opens_in_its_source(index, doubtful):
    first, second = (source_panel(index, [doubtful], pick) for pick in ("0:", "0:cand2"))
    assert ("june.txt" in first, "harbour.md" in second) == (True, True)
    assert "<div class='pq-source' data-current='cite-0-cand2'" in second
    assert re.findall(r'<mark class="pq-quote pq-candidate".*?>(.*?)</mark>', second) == ["1874"]
    assert "Marked: places that may hold the answer" in second


def test_a_doubtful_outcome_without_candidates_is_declined_as_ever(index, doubtful):
    html = turn_card(0, turn(replace(doubtful.result, candidates=())), index.sources)
    assert "<article class='pq-card pq-refused'" in html
    assert "The nearest passages" in html


def test_exports_have_the_numbers_of_the_card(index, cite):
    dug, oil, lens = cite(DUG, "1874"), cite(OIL, document="ledger.txt"), cite(LENS, document="letters/june.txt")
    one = answer(Kind.PARTS, ("one", oil), ("two", dug, oil), others=(lens,), note="2 parts")
    text = export.turn_markdown(one)
    assert [line for line in text.split("\n") if line.startswith("- ")] == ["- one [1]", "- two [1][2]"]
    assert re.findall(r"> \[(\d)\].*?(\w+\.\w+), line", text) == [
        ("1", "ledger.txt"), ("2", "harbour.md"), ("3", "june.txt"),
    ]  # fmt: skip
    assert text.index("2 parts") < text.index("> [1]") < text.index("> [2]") < text.index("Also quoted")
    assert text.index("Also quoted") < text.index("> [3]")
    titles = [item["title"] for item in json.loads(export.saved([one], "CSL-JSON")[1])]
    assert titles == [oil.document, dug.document, lens.document]


@pytest.mark.parametrize(("page", "place", "shown"), [
    (None, None, "line 3"), (2, None, "page 2"), (2, "slide 2", "slide 2"), (None, "Prices!C7", "Prices!C7"),
])  # fmt: skip
def test_exports_say_where_a_quote_stands_in_its_own_kind_of_address(cite, page, place, shown):
    cited = replace(cite(DUG, "1874"), line=3, page=page, place=place)
    one = answer(Kind.WORDS, ("1874", cited))
    assert f", {shown}, characters" in export.turn_markdown(one)
    assert json.loads(export.saved([one], "CSL-JSON")[1])[0]["locator"] == (shown if page is None or place else "2")
    assert f"note = {{{shown}, characters" in export.saved([one], "BibTeX")[1]


def test_one_part_is_a_line_of_an_export_and_no_list(cite):
    text = export.turn_markdown(answer(Kind.WORDS, ("1874", cite(DUG))))
    assert "\n1874 [1]\n" in text
    assert "Also quoted" not in text


def test_exports_claim_no_candidate(doubtful, cite):
    text = export.turn_markdown(doubtful)
    assert "Perhaps here." in text
    assert f"> {LENS}" in text
    notes = [one["note"] for one in json.loads(export.saved([doubtful], "CSL-JSON")[1])]
    assert all(note.startswith("candidate, no answer is claimed; characters") for note in notes)
    assert export.saved([doubtful], "BibTeX")[1].count("candidate, no answer is claimed; line") == 2
    answered = answer(Kind.WORDS, ("1874", cite(DUG)))
    for turns in ([doubtful, answered], [answered, doubtful]):
        assert export.saved(turns, "CSL-JSON")[1].count("candidate") == 1, (
            "what answers one question is no mere candidate"
        )


def test_every_link_of_a_card_opens_the_quote_that_it_stands_beside(index, cite):
    dug, oil = cite(DUG, "1874"), cite(OIL, document="ledger.txt")
    # The citations stand in another order than the parts.
    result = replace(answer(Kind.PARTS, ("1893", oil), ("1874", dug)).result, citations=(dug, oil))
    given = turn(result)
    for number, cited in quoted(result).all.items():
        panel = source_panel(index, [given], f"0:{number}")
        assert f"data-current='cite-0-{number}'" in panel
        assert f"<h2><bdi>{cited.document}</bdi></h2>" in panel


def test_an_export_says_what_a_question_was_asked_within(index, cite):
    one = replace(answer(Kind.WORDS, ("1874", cite(DUG, "1874"))), within=("letters/", "*.md"))
    assert r"Asked within: letters/, \*.md" in export.turn_markdown(one).splitlines()
    assert "Asked within" not in export.turn_markdown(replace(one, within=()))
    assert [value["within"] for value in json.loads(export.saved([one, replace(one, within=())], "JSON")[1])] == [
        ["letters/", "*.md"], [],
    ]  # fmt: skip


@pytest.mark.parametrize(("passages", "chip"), [
    ("# H\n\nThe master's duties are:\n\n- one\n- two\n", "What are the master's duties?"),
    ("# H\n\nThe advice for masters includes:\n\n- one\n- two\n", "What does the advice for masters include?"),
    ("# H\n\nKey duties are:\n\n- one\n- two\n", "What are the key duties?"),
    ("# H\n\n- **Full featured**: it has all.\n- **Plain**: little.\n", "What is said about “Full featured”?"),
    ("# 2. The `tide` **table**\n\nIt turns at noon.\n", "What does the text say about the tide table?"),
    ("| STEP | OWNER |\n|---|---|\n| The master signs it | Purser |\n| b | c |\n",
     "What is the owner of “The master signs it”?"),
    ("| Item | VAT |\n|---|---|\n| Rope | 25 % |\n| Oil | 6 % |\n", "What is the VAT of Rope?"),
])  # fmt: skip
def test_a_chip_reads_as_a_person_would_ask(tmp_path, passages, chip):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "book.md").write_text(passages, encoding="utf-8")
    build(tmp_path / "corpus", tmp_path / "index", FakeEncoder())
    assert chip in candidates(open_index(tmp_path / "index"))


def test_a_list_that_points_at_what_was_said_before_it_makes_no_chip(tmp_path):
    (tmp_path / "book.md").write_text("# H\n\nThese spaces are:\n\n- one\n- two\n", encoding="utf-8")
    build(tmp_path / "book.md", tmp_path / "index", FakeEncoder())
    assert not any("spaces" in chip for chip in candidates(open_index(tmp_path / "index")))


def test_names_that_the_text_alone_does_not_tell_stand_above_a_row(tmp_path):
    """A CSV file's first row names its columns, though it holds figures, as years are."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "sales.csv").write_text("Item,2023,2022\nRents,6310,6122\nFees,18420,17905\n", "utf-8")
    build(tmp_path / "texts", tmp_path / "index", FakeEncoder())
    sources = open_index(tmp_path / "index").sources
    source = sources["sales.csv"]
    row = "Rents | 6310 | 6122"
    start = source.text.index(row)
    figure = Span(start + 8, start + 12)
    cited = Citation("sales.csv", start, start + len(row), row, (figure,), 2, None, (), source.sha256)
    named = replace(cited, columns=("Item", "2023", "2022"))

    def heads(kind, one):
        return re.findall(r"<th [^>]*>(.*?)</th>", turn_card(0, answer(kind, ("6310", one)), sources))

    assert heads(Kind.WORDS, named) == ["Item", "2023", "2022"]
    assert heads(Kind.ROWS, named) == ["Item", "2023", "2022"]
    assert heads(Kind.WORDS, cited) == []
    assert heads(Kind.WORDS, replace(cited, columns=("Item", "2023"))) == [], "of another number of cells"
