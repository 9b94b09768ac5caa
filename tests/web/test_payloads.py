"""Forty payloads through every place of the page that shows a text: nothing but our own tags comes out."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace

import pytest
from markup import ATTRIBUTES, OURS, PAYLOADS, Reader

from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, AnswerPart, Kind, NoAnswer, Reason
from partnership_qa.chunking import Passage
from partnership_qa.document import line_starts
from partnership_qa.index import BuildReport, Source
from partnership_qa.question.words import Question, question_words
from partnership_qa.reading import Reading, ReadSpan
from partnership_qa.retrieval import Hit
from partnership_qa.sources import Skipped
from partnership_qa.text import Span
from partnership_qa.trace import Part, Stage, Trace
from partnership_qa.web import export
from partnership_qa.web.html import cards, panels, source_view, why
from partnership_qa.web.html.marks import Mark
from partnership_qa.web.turns import Turn


def source_with(text: str, name: str) -> Source:
    return Source(name, text, "0" * 64, line_starts(text))


def turns_with(payload: str) -> list[Turn]:
    """A conversation in which every text is the payload: question, answer, quote, heading, file name, words, error."""
    flat = payload.replace("\n", " ")
    # The text that is loaded is the payload twice: what stands before the quote, and the quote.
    start, end = len(flat), 2 * len(flat)
    cited = Citation(flat, start, end, flat, (Span(start, end),), 1, None, (flat,), "0" * 64, Span(0, start))
    other = replace(cited, start=0, end=start, highlights=(Span(0, start),), context=None)
    parts = (AnswerPart(flat, (cited,)), AnswerPart(flat, (cited, other)))
    hit = Hit(Passage(flat, 0, len(flat), flat, (flat,), 1, ()), 0, 1.0, 1.0, None)
    spoken = Answer(flat, flat + "!", flat, 0.9, (cited, other), parts=parts[:1])
    kinds = [Answer(flat, None, f"{flat}\n{flat}", 0.9, (cited, other), flat, kind, parts) for kind in Kind]
    greeted = NoAnswer(flat, None, flat, 0.0, Reason.NO_QUESTION, (), ())
    declined = NoAnswer(flat, None, flat, 0.1, Reason.NOT_ANSWERED, (hit,), (flat,))
    doubtful = NoAnswer(flat, None, flat, 0.1, Reason.DOUBTFUL, (hit,), (flat,), (cited, other))
    reading = Reading((ReadSpan(0, len(flat), 0, 1.0),), 1.0)

    def traced(outcome):
        part = Part(
            Question(flat, None, flat, flat, question_words(flat, lambda _: True)),
            outcome,
            (hit,),
            (reading,),
            None,
            {Stage.SEARCHING: 0.1},
        )
        return Trace(outcome, (part, part), 0.5)

    return [
        Turn(flat, traced(spoken), "gen", 1, 1, rating="up", note=flat),
        Turn(flat, traced(declined), "gen", 1, 1, rating="down", note=flat),
        Turn(flat, traced(doubtful), "gen", 1, 1),
        Turn(flat, None, error=flat),
        Turn(flat, Trace(greeted, (), 0.5), "gen", 1, 1),
        *(Turn(flat, traced(answer), "gen", 1, 1) for answer in kinds),
    ]


def sinks(payload: str) -> dict[str, str]:
    """Every piece of HTML that shows a text, with the payload in all its places."""
    turns = turns_with(payload)
    table = f"| A | B |\n|---|---|\n| {payload} | {payload} |\n\n# {payload}\n\n- {payload}\n"
    marks = [Mark(0, 60, "quote", "cite-0-1")]
    named = dict.fromkeys(("added", "changed", "removed", "unchanged"), (payload,))
    counted = dict.fromkeys((f.name for f in fields(BuildReport) if f.type == "int"), 1)
    report = BuildReport(
        **named,
        **counted,
        skipped=(Skipped(payload, payload),),
        notes=((payload, payload),),
        generation="g",
        digest="d",
    )
    flat = turns[0].question
    sources = {flat: source_with(2 * flat, flat)}
    return {
        "question": cards.question_card(payload, 0),
        **{f"turn {n}": cards.turn_card(n, turn, sources) for n, turn in enumerate(turns)},
        "error": cards.error_card(payload),
        "source": source_view.document_html(source_with(payload, payload), marks, title=payload),
        "structure": source_view.document_html(source_with(table, "a.md"), marks),
        "why": why.why_panel(turns[0]),
        "refused": why.why_panel(turns[1]),
        "hits": why.hits_table(turns[0].hits),
        "notice": panels.notice_panel(payload, payload, payload),
        "report": panels.report_panel(report, [(payload, payload)]),
        "problem": panels.problem_panel(payload, [(payload, payload)]),
    }


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_but_our_own_tags_comes_out_of_any_sink(payload):
    for name, html in sinks(payload).items():
        read = Reader(html)
        assert set(read.tags) <= OURS, name
        assert {key for key, _ in read.attributes} <= ATTRIBUTES, name
        assert all(value == "#pq-source" for key, value in read.attributes if key == "href"), name


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_payload_is_still_there_to_be_read(payload):
    shown = payload.replace("\u202e", "")
    for name in ("question", "turn 0", "turn 1", "turn 2", "turn 5", "source", "problem", "why"):
        assert shown in Reader(sinks(payload)[name]).text, name


def test_no_sign_of_a_template_and_no_control_comes_out_of_any_sink():
    signs = "\x00\x1b\x9b\u202e\u2066\u200f${}`"
    for name, html in sinks(f"a{signs}b").items():
        assert not set(html) & set(signs), name
        assert "a\ufffd" in html, name


@pytest.mark.parametrize("payload", PAYLOADS)
def test_exported_markdown_keeps_no_markup_of_a_text(payload):
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(export.saved(turns_with(payload), "Markdown")[1])
    inline = [child for token in tokens for child in token.children or []]
    assert not [t for t in tokens + inline if t.type in ("html_block", "html_inline", "image", "link_open", "fence")]
    words = "".join(child.content for child in inline)
    assert " ".join(payload.split()) in words


@pytest.mark.parametrize("payload", PAYLOADS)
def test_exported_data_reads_back_equal(payload):
    turns = turns_with(payload)
    assert json.loads(export.saved(turns, "JSON")[1])[0]["citations"][0]["quote"] == payload
    assert json.loads(export.saved(turns, "CSL-JSON")[1])[0]["abstract"] == payload
    # Braces of a text are escaped, so that those of the entries are all that count.
    bare = re.sub(r"\\[{}]", "", export.saved(turns, "BibTeX")[1])
    assert bare.count("{") == bare.count("}")
    assert bare.count("@misc{") == 2
