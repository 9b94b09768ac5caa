"""What exports say: what the card says, with one numbering, and nothing that Markdown would take for a sign."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markup import Reader

from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, Kind
from partnership_qa.answering.proving import proof
from partnership_qa.errors import ExportError
from partnership_qa.exports import FORMATS, Exchange, export
from partnership_qa.exports.escaping import markdown_cell, markdown_text
from partnership_qa.exports.fragments import page_link, text_fragment
from partnership_qa.text import Span
from partnership_qa.trace import Trace
from partnership_qa.web.html.cards import turn_card
from partnership_qa.web.turns import Turn

DUG = "When was the harbour dug?"
ROW = "Which berth has the boat Dinghy?"
QUESTIONS = (DUG, "What are the rules of the quay?", ROW, "Who kept the light from 1901?",
             "When was the harbour dug and who kept the light from 1901?", "How many zebras are there?")  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_export_says_what_the_card_says(qa, question):
    """The same words in the same order with the same numbers, and "Also quoted" where the card has it."""
    outcome = qa.answer(question)
    card = turn_card(0, Turn(question, Trace(outcome, (), 0.5), "gen", 5, 3), qa.index.sources)
    shown = Reader(card.partition("<footer>")[0])
    saved = export([outcome], "markdown")
    assert ("Also quoted" in saved) == ("Also quoted" in shown.text)
    if not isinstance(outcome, Answer):
        return
    on_card = {int(n) for n in re.findall(r"data-cite='0:(\d+)' aria-label", card)}
    in_file = {int(n) for n in re.findall(r"\[(\d+)\]", saved)}
    assert in_file == on_card
    for row in re.findall(r"<tr>.*?</tr>", card, re.DOTALL):
        cells = [re.sub(r" \d+$", "", Reader(one).text) for one in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        assert f"| {' | '.join(map(markdown_cell, cells))} |" in saved
    for quote in re.findall(r"<blockquote dir='auto'>(.*?)</blockquote>", card, re.DOTALL):
        assert f"> {markdown_text(Reader(quote).text)}\n" in saved
    assert saved.count("\n> ") > 0 or outcome.kind in (Kind.LIST, Kind.ROWS)


def test_a_quote_has_one_number_through_a_conversation(qa):
    light = "Who kept the light from 1901?"
    saved = export([qa.answer(one) for one in (DUG, light, DUG)], "markdown")
    assert re.findall(r"^> \[(\d+)\]", saved, re.MULTILINE) == ["1", "2", "1"]
    items = json.loads(export([qa.answer(one) for one in (DUG, light, DUG)], "csl"))
    assert [one["citation-number"] for one in items] == [1, 2]


def test_rows_keep_the_names_of_their_columns(qa):
    outcome = qa.answer(ROW)
    assert "| Boat | Fee | Berth |" in export([outcome], "markdown")
    assert outcome.citations[0].columns == ("Boat", "Fee", "Berth")


def test_what_was_asked_within_stands_in_every_format(qa):
    exchange = Exchange(DUG, qa.answer(DUG), ("letters/", "*.md"))
    saved = {name: export([exchange], name) for name in FORMATS}
    assert "Asked within: letters/, \\*.md" in saved["markdown"]
    assert json.loads(saved["json"])[0]["within"] == ["letters/", "*.md"]
    assert json.loads(saved["csl"])[0]["note"].endswith("; asked within letters/, *.md")
    assert "; asked within letters/, *.md}" in saved["bibtex"]
    assert "asked within" in saved["w3c"]


def test_an_unknown_format_is_an_error_that_names_the_others(qa):
    with pytest.raises(ExportError, match="there are markdown, json, csl, bibtex, w3c"):
        export([qa.answer(DUG)], "docx")


@pytest.mark.parametrize("text", [
    "US$1 billion (2019), up 5% – “as agreed”.", "snake_case and 3 * 4 = 12", "A [note] stands here; see p. 7!",
    "a < b & c > d", "C++ | Rust", "~5 kg", "x.y-z #1",
])  # fmt: skip
def test_ordinary_words_get_no_backslash(text):
    assert markdown_text(text) == text


SIGNS = st.text(st.sampled_from("ab1 *_`[]()<>#+-.!|~$&\\:;/x\n="), max_size=24)


@given(SIGNS)
def test_markdown_shows_the_words_as_they_are(text):
    flat = " ".join(text.split())
    for before, behind in (("", ""), ("- ", " [1]"), ("> ", "")):
        tokens = MarkdownIt("commonmark").enable("strikethrough").parse(before + markdown_text(text) + behind)
        inline = [child for token in tokens for child in token.children or []]
        assert {child.type for child in inline} <= {"text", "text_special"}
        assert "".join(child.content for child in inline) == (flat + behind if flat else behind).strip()


@given(st.lists(SIGNS, min_size=1, max_size=4))
def test_a_table_keeps_its_cells(cells):
    lines = [cells, ["---"] * len(cells), cells]
    head, rule, row = (
        f"| {' | '.join(line if line == ['---'] * len(line) else map(markdown_cell, line))} |" for line in lines
    )
    tokens = MarkdownIt("commonmark").enable("table").parse(f"{head}\n{rule}\n{row}\n")
    found = ["".join(c.content for c in token.children or []) for token in tokens if token.type == "inline"]
    assert found == [" ".join(cell.split()) for cell in cells] * 2


def cite(quote, document="pages/port.html", cells=()):
    return Citation(document, 0, len(quote), quote, (), 1, None, (), "0" * 64, cells=cells)


@pytest.mark.parametrize(("quote", "cells", "fragment"), [
    ("Dug in 1874.", (), ":~:text=Dug%20in%201874."),
    ("Well-kept, R&D", (), ":~:text=Well%2Dkept%2C%20R%26D"),
    ("- Lighting a\nfire", (), ":~:text=Lighting%20a%20fire"),
    (f"One two three four five {'x ' * 80}six seven eight nine ten", (),
     ":~:text=One%20two%20three%20four%20five,six%20seven%20eight%20nine%20ten"),
    ("Boat | 3", (Span(0, 4), Span(7, 8)), ":~:text=Boat,3"),
    ("Väsby", (), ":~:text=V%C3%A4sby"),
])  # fmt: skip
def test_a_fragment_names_the_words_of_the_page(quote, cells, fragment):
    assert text_fragment(cite(quote, cells=cells)) == fragment


def test_a_page_is_linked_and_other_files_are_not():
    assert page_link(cite("Dug.")) == "pages/port.html#:~:text=Dug."
    assert page_link(cite("Dug.", "a b?.htm")) == "a%20b%3F.htm#:~:text=Dug."
    assert page_link(cite("Dug.", "https://example.org/a#top")) == "https://example.org/a#top:~:text=Dug."
    assert page_link(cite("Dug.", "port.pdf")) is None


def test_a_source_in_the_web_is_linked_in_markdown_csl_and_bibtex(qa):
    answer = Answer("?", None, "Dug.", 0.9, (cite("Dug.", "https://example.org/a"),))
    link = "https://example.org/a#:~:text=Dug."
    assert json.loads(export([answer], "csl"))[0]["URL"] == link
    assert "url = {https://example.org/a\\#:\\textasciitilde{}:text=Dug.}" in export([answer], "bibtex")
    assert f"[https://example.org/a](<{link}>), line 1" in export([answer], "markdown")


def test_a_proof_of_any_characters_can_be_made(qa):
    assert proof(qa.index, "harbour.md", 0, 9).quote == "# Harbour"
