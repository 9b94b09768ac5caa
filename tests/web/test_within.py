"""Asking within documents, in the page: the tree, what is chosen, and what a conversation remembers of it."""

from __future__ import annotations

import json

import pytest
from markup import OURS, PAYLOADS, Reader

from partnership_qa.answering.confidence import load_calibration
from partnership_qa.qa import QA
from partnership_qa.selection import Catalogue
from partnership_qa.web.desk import Desk
from partnership_qa.web.html import within
from partnership_qa.web.html.within import chosen_line, folder_tree, tree_panel, turn_line
from partnership_qa.web.labels import Labels
from partnership_qa.web.talk import Talk

NAMES = ["a/b/one.txt", "a/b/two.txt", "a/three.txt", "c/four.txt", "five.txt"]


@pytest.fixture
def talk(qa, tmp_path):
    desk = Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration), Labels(tmp_path))
    desk.qa()
    return Talk(desk)


def values(html, attribute):
    return [value for name, value in Reader(html).attributes if name == attribute]


SHOWN = round(load_calibration().threshold, 2)


def given(*documents):
    return json.dumps({"documents": documents, "at": 1})


def asked(talk, question, turns=(), chosen=()):
    *_, last = talk.respond(question, list(turns), 4, SHOWN, chosen)
    return last


def test_the_tree_counts_documents_and_keeps_their_order():
    root = folder_tree(NAMES)
    assert (root.count, list(root.folders), root.files) == (5, ["a", "c"], [("five.txt", "five.txt")])
    folder = root.folders["a"]
    assert (folder.path, folder.count, folder.files) == ("a/", 3, [("three.txt", "a/three.txt")])
    assert folder.folders["b"].path == "a/b/"


def test_every_folder_and_document_has_a_box():
    assert values(tree_panel(NAMES), "data-within") == [
        "a/", "a/b/", "a/b/one.txt", "a/b/two.txt", "a/three.txt", "c/", "c/four.txt", "five.txt",
    ]  # fmt: skip


def test_of_very_many_documents_the_folders_have_one(monkeypatch):
    monkeypatch.setattr(within, "MAX_FILES_SHOWN", 4)
    html = tree_panel(NAMES)
    assert values(html, "data-within") == ["a/", "a/b/", "c/"]
    assert "Only folders are listed, as there are more than 4 documents." in Reader(html).text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_is_shown_as_the_text_it_is(payload):
    name = payload.replace("/", "")
    shown = (tree_panel([f"{name}/{name}"]), chosen_line([name], None, 1, problem=name), turn_line([name]))
    for html in shown:
        assert set(Reader(html).tags) <= OURS | {"label"}
        assert name.replace("\u202e", "") in Reader(html).text


def test_what_is_chosen_is_said_and_each_choice_can_be_taken_back(qa):
    selection = Catalogue(qa.index).select(["letters/", "ledger.txt"])
    html = chosen_line(selection.patterns, selection, 3)
    assert values(html, "data-drop-within") == values(html, "data-picked") == ["letters/", "ledger.txt"]
    assert "2 of 3 documents" in Reader(html).text
    assert "data-clear-within" in dict(Reader(html).attributes)


def test_where_nothing_is_chosen_all_are_asked():
    html = chosen_line((), None, 3)
    assert "all 3 documents" in Reader(html).text
    assert "data-clear-within" not in dict(Reader(html).attributes)
    assert "the one document" in Reader(chosen_line((), None, 1)).text


def test_of_many_choices_six_are_shown_and_all_are_kept():
    html = chosen_line([f"{n}.txt" for n in range(9)], None, 9)
    assert len(values(html, "data-drop-within")) == 6
    assert len(values(html, "data-picked")) == 9
    assert "and 3 more" in Reader(html).text
    assert Reader(turn_line([f"{n}.txt" for n in range(9)])).text.endswith("5.txt and 3 more")


def test_a_question_is_asked_within_what_is_chosen_and_says_so(talk):
    chosen, line = talk.choose(given("*.md", "letters/"), ())
    assert chosen == ("*.md", "letters/")
    assert "2 of 3 documents" in Reader(line).text
    messages, turns, *_ = asked(talk, "When did the new lens arrive?", chosen=chosen)
    assert turns[0].within == ("*.md", "letters/")
    assert {hit.passage.document for hit in turns[0].hits} <= {"harbour.md", "letters/june.txt"}
    assert "within *.md, letters/" in Reader(messages[0].content[0].value).text


def test_a_refusal_counts_what_was_searched(talk):
    messages, turns, *_ = asked(talk, "Who painted the Mona Lisa?", chosen=("letters/",))
    assert (turns[0].passages, turns[0].documents) == (1, 1)
    text = Reader(messages[1].content[0].value).text
    assert "Searched only within the documents chosen: 1 passage of 1 document." in text
    assert "Words that these documents do not hold" in text


def test_a_turn_keeps_what_it_was_asked_of_when_the_choice_changes(talk):
    _, turns, *_ = asked(talk, "When did the new lens arrive?", chosen=("letters/",))
    _, turns, *_ = asked(talk, "How heavy is the lens?", turns)
    assert [turn.within for turn in turns] == [("letters/",), ()]


def test_asking_again_takes_the_choice_of_now(talk):
    _, turns, *_ = asked(talk, "When did the new lens arrive?", chosen=("*.md",))
    *_, last = talk.again(turns, 4, SHOWN, ("letters/",))
    assert [turn.within for turn in last[1]] == [("letters/",)]
    assert last[1][0].result.answered


def test_what_chooses_nothing_is_said_and_the_choice_stays(talk):
    chosen, line = talk.choose(given("leger.txt"), ("letters/",))
    assert "__type__" in chosen
    assert "Near it are: ledger.txt" in Reader(line).text
    assert values(line, "data-picked") == ["letters/"]


@pytest.mark.parametrize(
    "said", ["", "x", "[]", "{}", "null", '{"documents": 1}', '{"documents": [1]}', '{"documents": "a"}']
)
def test_a_choice_of_another_form_changes_nothing(talk, said):
    chosen, _ = talk.choose(said, ("letters/",))
    assert "__type__" in chosen


def test_a_choice_is_taken_back(talk):
    assert talk.choose(given(), ("letters/",))[0] == ()
    chosen, line = talk.choose_all()
    assert chosen == ()
    assert "all 3 documents" in Reader(line).text


def test_what_the_index_no_longer_holds_is_said_before_and_after_asking(talk):
    assert "no longer among the documents" in Reader(talk.chosen(("gone.txt",))).text
    messages, turns, *_ = asked(talk, "When did the new lens arrive?", chosen=("gone.txt",))
    assert turns[0].result is None
    assert "No document or folder of the index is called “gone.txt”" in Reader(messages[1].content[0].value).text
