"""What an answer says must be marked in its quotes: forged texts and parts are told, honest ones are not."""

from __future__ import annotations

import copy
import json

import pytest

from partnership_qa import verify
from partnership_qa.errors import ProofError
from partnership_qa.exports import export
from partnership_qa.proof import State
from partnership_qa.proof.saying import _may_be_marked, said_by

DUG = "When was the harbour dug?"


@pytest.fixture
def answer(qa):
    """An answer of one word; the fakes answer by whole sentences."""
    values = qa.answer(DUG).to_dict()
    (cited,) = values["citations"]
    start = cited["start"] + cited["quote"].index("1874")
    cited["highlights"] = cited["proof"]["marks"] = [[start, start + 4]]
    return values | {"text": "1874", "parts": [{"text": "1874", "citations": [1]}]}


def states(given, corpus):
    return [one.state.value for one in verify(given, corpus)]


def forged(answer, **changed):
    return copy.deepcopy(answer) | changed


def test_an_honest_answer_has_a_verdict_for_each_quote_and_no_more(qa, answer, corpus):
    assert states([answer, qa.answer(DUG)], corpus) == ["intact", "intact"]


def test_a_text_that_no_quote_says_is_unsupported_and_shown(answer, corpus):
    quote, line = verify(forged(answer, text="1999"), corpus)
    assert (quote.state, line.state) == (State.INTACT, State.UNSUPPORTED)
    assert (line.answer, line.citation, line.proof, line.file, line.said) == (1, 0, None, None, "1999")
    assert line.text == "Unsupported: the answer says “1999”, and its quotes do not."
    assert line.to_dict()["said"] == "1999"


@pytest.mark.parametrize("text", ["1874\n1999", "1874 ", "not 1874", "187", "Ingrid Holm"])
def test_a_text_must_be_what_its_parts_say_line_by_line(answer, corpus, text):
    assert states(forged(answer, text=text), corpus) == ["intact", "unsupported"]


def test_a_part_that_its_quote_does_not_say_is_unsupported_once(answer, corpus):
    parts = [{"text": "1999", "citations": [1]}]
    assert states(forged(answer, text="1999", parts=parts), corpus) == ["intact", "unsupported"]
    assert states(forged(answer, parts=[*answer["parts"], *parts]), corpus) == ["intact", "unsupported"]


def test_a_part_is_held_against_its_own_quotes_only(qa, answer, corpus):
    other = qa.answer("Who kept the light from 1901?").to_dict()
    both = forged(answer, citations=[*answer["citations"], *other["citations"]], text=other["text"])
    both["parts"] = [{"text": other["text"], "citations": [2]}]
    assert states(both, corpus) == ["intact", "intact"]
    both["parts"] = [{"text": other["text"], "citations": [1]}]
    assert states(both, corpus) == ["intact", "intact", "unsupported"]


def test_an_answer_without_quotes_or_parts_is_unsupported(answer, corpus):
    assert states(forged(answer, citations=[], parts=[]), corpus) == ["unsupported"]
    assert states({"text": "1874", "citations": []}, corpus) == ["unsupported"]
    assert states(forged(answer, parts=[]), corpus) == ["intact"]
    assert states(forged(answer, parts=[], text="1999"), corpus) == ["intact", "unsupported"]


def test_words_are_not_cut_out_of_words_by_marks(answer, corpus):
    cut = forged(answer, text="87", parts=[{"text": "87", "citations": [1]}])
    start = cut["citations"][0]["highlights"][0][0]
    cut["citations"][0]["highlights"] = cut["citations"][0]["proof"]["marks"] = [[start + 1, start + 3]]
    assert states(cut, corpus) == ["intact", "unsupported"]


@pytest.mark.parametrize("marks", [[], None, [[0, 10**9]], [[5, 5]], ["a"], [[True]], 7])
def test_marks_that_mark_nothing_support_nothing(answer, corpus, marks):
    spoilt = forged(answer)
    spoilt["citations"][0]["highlights"], spoilt["citations"][0]["proof"]["marks"] = marks, None
    assert states(spoilt, corpus) == ["intact", "unsupported"]


def test_an_answer_that_calls_itself_a_refusal_is_checked_all_the_same(answer, corpus):
    assert states(forged(answer, answered=False, text="1999"), corpus) == ["intact", "unsupported"]


def test_why_nothing_is_answered_needs_no_quote(qa, corpus):
    assert verify(qa.answer("Any zebras?"), corpus) == []


def test_a_kept_conversation_is_checked_too(answer, corpus):
    assert states([{"outcome": answer}, {"outcome": forged(answer, text="1999")}], corpus)[1:] == [
        "intact", "unsupported",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": 7}, "text"), ({"parts": 7}, "parts"), ({"parts": [7]}, "parts"),
        ({"parts": [{"text": None, "citations": [1]}]}, "text"),
        ({"parts": [{"text": "1874", "citations": [2]}]}, "citations"),
        ({"parts": [{"text": "1874", "citations": ["1"]}]}, "citations"),
        ({"parts": [{"text": "1874", "citations": [True]}]}, "citations"),
        ({"parts": [{"text": "1874"}]}, "citations"),
    ],
)  # fmt: skip
def test_a_text_or_part_of_another_kind_is_an_error_that_names_it(answer, corpus, changed, field):
    with pytest.raises(ProofError) as told:
        verify(forged(answer, **changed), corpus)
    assert (told.value.field, told.value.where) == (field, "answer 1")


def test_a_reply_of_an_annotation_must_stand_in_its_quote(qa, corpus):
    values = json.loads(export([qa.answer(DUG)], "w3c"))
    assert states(values, corpus) == ["intact"]
    (reply,) = (body for body in values["first"]["items"][0]["body"] if body["purpose"] == "replying")
    for text in ("1999", "187", "1874 · 1999", "1874\n1999"):
        reply["value"] = text
        assert states(values, corpus) == ["intact", "unsupported"]


def test_signs_of_markdown_are_left_out_and_cells_are_set_apart():
    quote = "- trim the **wick** of\n  the [lens](lens.md)"
    assert said_by(quote, 100, [(102, 119), (123, len(quote) + 100)], "a.md") == "trim the wick · the lens"
    assert said_by(quote, 100, [(102, 119)], "a.txt") == "trim the **wick**"


@pytest.mark.parametrize(
    "disguise",
    [
        {"type": "Annotation"},
        {"type": "AnnotationPage", "items": []},
        {"type": "AnnotationCollection", "first": {"items": []}},
        {"outcome": {"citations": []}},
    ],
)
def test_an_answer_is_checked_as_one_whatever_else_it_calls_itself(answer, corpus, disguise):
    assert states(forged(answer, text="1999", **disguise), corpus) == ["intact", "unsupported"]
    assert states({"citations": [], **disguise}, corpus) == []


def test_a_citation_that_says_it_answers_is_held_against_its_text(answer, corpus):
    (cited,) = answer["citations"]
    assert states(cited | {"answered": True, "text": "1999"}, corpus) == ["intact", "unsupported"]


def test_marks_of_a_row_are_its_cells_and_no_pieces_of_them():
    row, cells = "North wind | 3", [(0, 10), (13, 14)]
    assert _may_be_marked(row, cells, cells)
    assert not _may_be_marked(row, [(0, 5), (6, 10), (13, 14)], cells)
    assert _may_be_marked(row, [(6, 10)], cells)
    assert not _may_be_marked(row, [(6, 14)], cells)
