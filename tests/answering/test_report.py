"""A refusal says what was searched, what came nearest, and what would change it; and what it says is true."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from markup import Reader

from partnership_qa.answering.outcome import NoAnswer, Reason
from partnership_qa.answering.report import report_text
from partnership_qa.web.html.cards import turn_card
from partnership_qa.web.kept_turns import dumped, loaded
from partnership_qa.web.turns import Turn

LENS = "Did Gustav of Kemi weigh the paraffin lens in tonnes on Friday?"
LIST = "What things are forbidden on the quay?"


def refused(qa, question, **options):
    result = qa.answer(question, **options)
    assert isinstance(result, NoAnswer), result
    return result


def test_the_report_counts_what_was_searched_and_read(qa):
    report = refused(qa, LENS).report
    assert (report.passages, report.documents, report.total) == (len(qa.index.passages), 3, 3)
    assert report.read == 5  # and the one with a list
    assert dict(report.rows())["Searched"] == f"{report.passages} passages of 3 documents, of which 5 were read"


def test_the_nearest_words_stand_beside_their_probability_and_the_threshold(qa):
    result = refused(qa, LENS)
    report = result.report
    source = qa.index.sources[report.nearest.document].text
    assert source[report.nearest.start : report.nearest.end] == report.nearest.quote
    assert (report.confidence, report.threshold) == (result.confidence, qa.calibration.threshold)
    rows = dict(report.rows())
    assert rows["Nearest"] == "“It weighs two tonnes and cost 4,000 kronor.”, letters/june.txt, line 1"
    assert rows["How likely"] == f"{result.confidence:.3f}; an answer is given from 0.500 on"


@pytest.mark.parametrize("question", [LENS, "Did Gustav Vasa weigh the cutter with paraffin colza lens?"])
def test_the_threshold_that_it_names_is_one_at_which_the_words_are_given(qa, question):
    result = refused(qa, question)
    enough = result.report.enough
    assert f"At a threshold of {enough:g} or below, this quote would have been given" in report_text(result)
    given = qa.answer(question, no_answer_threshold=enough)
    assert given.answered
    assert given.citations[0].quote == result.report.nearest.quote
    assert not qa.answer(question, no_answer_threshold=min(1.0, enough + 0.01)).answered


def test_a_list_that_comes_nearest_is_named_by_its_first_item(qa):
    result = refused(qa, LIST, no_answer_threshold=1.0)
    assert (result.report.items, result.report.nearest.quote) == (3, "- Lighting a fire.")
    assert "the list of 3 that begins with “Lighting a fire.”" in dict(result.report.rows())["Nearest"]
    assert len(qa.answer(LIST, no_answer_threshold=result.report.enough).citations) == 3


@pytest.mark.parametrize(("confidence", "enough"), [(0.189, 0.18), (0.29, 0.29), (0.01, 0.01), (0.0034, 0.003),
                                                    (0.00012, 0.0001), (0.00002, 0.0)])  # fmt: skip
def test_the_threshold_has_few_digits_and_is_never_above_the_probability(qa, confidence, enough):
    assert replace(refused(qa, LENS).report, confidence=confidence).enough == enough


def test_words_that_occur_nowhere_are_named_with_what_they_would_change(qa):
    some = refused(qa, "Did the lens of Gustav Vasa weigh much in the harbour?").report
    assert some.missing == ("Gustav", "Vasa")
    assert some.changes[-1].startswith("“Gustav”, “Vasa” stand nowhere in the texts")
    every = refused(qa, "What is the capital of France?").report
    assert every.nearest is None
    assert every.changes == (
        "None of the question's words stands in the texts (“capital”, “France”): add a text about it.",
    )


def test_within_chosen_documents_it_says_which_words_the_others_hold(qa):
    result = refused(qa, "Who kept the light from 1901?", documents=["letters/"])
    report = result.report
    assert (report.documents, report.total, report.within) == (1, 3, ("letters/",))
    assert "light" in report.missing
    assert "light" in report.elsewhere
    assert "1 document" in dict(report.rows())["Searched"]
    assert any(change.startswith("Documents that were not asked hold “kept”, “light”") for change in report.changes)
    assert not any("nowhere" in change for change in report.changes)


def test_documents_that_were_not_asked_are_counted(qa):
    report = refused(qa, "Did the lens weigh tonnes in Tuesday, dear?", documents=["letters/"], no_answer_threshold=1)
    assert "2 other documents were not asked: ask all." in report.report.changes


def test_a_greeting_has_no_report(qa):
    said = refused(qa, "Hello!")
    assert (said.reason, said.report, report_text(said)) == (Reason.NO_QUESTION, None, "")


def test_of_several_parts_the_likeliest_ones_report_is_given(qa):
    result = refused(qa, "How many barrels in 2044 and in 2055?")
    assert "2044" in result.report.missing or "2055" in result.report.missing
    assert result.report.confidence == result.confidence


def test_json_says_the_same(qa):
    values = json.loads(json.dumps(refused(qa, LENS).to_dict()))["report"]
    report = refused(qa, LENS).report
    assert values["nearest"]["quote"] == report.nearest.quote
    assert values["changes"] == list(report.changes)
    assert {"threshold", "confidence", "passages", "documents", "missing"} <= values.keys()


def test_a_kept_conversation_keeps_it_and_an_older_one_has_none(qa):
    turn = Turn(LENS, qa.trace(LENS), "gen", 5, 3)
    values = json.loads(json.dumps(dumped(turn)))
    assert report_text(loaded(values).result) == report_text(turn.result)
    assert json.loads(json.dumps(dumped(loaded(values)))) == values
    del values["outcome"]["report"]
    assert loaded(values).result.report is None


def test_the_card_folds_out_the_same_lines_and_escapes_them(qa):
    question = "Did the lens weigh <b>tonnes</b> in Kemi&Oulu?"
    turn = Turn(question, qa.trace(question), "gen", 5, 3)
    html = turn_card(0, turn, qa.index.sources)
    folded = re.search(r"<details class='pq-sure pq-report'>.*?</details>", html, re.DOTALL)[0]
    assert [Reader(one).text for one in re.findall(r"<dd dir='auto'>.*?</dd>", folded, re.DOTALL)] == [
        said for _, said in turn.result.report.rows()
    ]
    assert "<b>" not in folded
