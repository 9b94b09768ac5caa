"""The desk: what the page answers from, and how its texts are changed while it answers."""

from __future__ import annotations

import shutil
import threading

import pytest
from files import pdf

from partnership_qa.answering.confidence import FEATURES, LIST_FEATURES, Calibration
from partnership_qa.errors import CorpusTooLargeError, IndexBusyError, ModelError, PartnershipQAError
from partnership_qa.index import build, open_index
from partnership_qa.index.generations import ORIGINALS
from partnership_qa.qa import QA
from partnership_qa.trace import Stage
from partnership_qa.web import serve
from partnership_qa.web.desk import TEXTS, Desk
from partnership_qa.web.examples import candidates
from partnership_qa.web.failures import public_message
from partnership_qa.web.html import why
from partnership_qa.web.html.cards import turn_card
from partnership_qa.web.html.why import considered, why_panel
from partnership_qa.web.talk import Talk

TIDES = {"tides.txt": b"The tide at Vadso turns at noon.\n"}


@pytest.fixture
def desk(qa):
    return Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration))


def test_a_question_is_answered_and_remembered(desk):
    turn = desk.ask("When was the harbour dug?")
    assert turn.result.answered
    assert turn.hits[0].passage.document == "harbour.md"
    assert (turn.passages, turn.documents) == (len(desk.index.passages), 3)


def test_a_follow_up_is_completed_from_the_turns_before(desk):
    first = desk.ask("What is the fee of the Dinghy boat?")
    second = desk.ask("And of the Cutter?", [first])
    assert second.asked != second.question
    assert "Cutter" in second.asked


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001, "x" * 100_000])
def test_what_cannot_be_asked_becomes_a_turn_that_says_why(desk, question):
    turn = desk.ask(question)
    assert turn.result is None
    assert turn.error
    assert turn.question == (question if len(question) <= 2000 else "x" * 2000 + " …")


def test_a_text_is_added_and_answered_from(desk, corpus):
    report = desk.change(TIDES)
    assert report.added == ("tides.txt",)
    assert len(report.unchanged) == 3
    assert desk.ask("When does the tide turn at Vadso?").result.citations[0].document == "tides.txt"
    assert sorted(p.name for p in corpus.iterdir()) == ["harbour.md", "ledger.txt", "letters"]
    assert (desk.root / TEXTS / "letters" / "june.txt").is_file()
    assert desk.outdated() == {}


def test_whoever_asked_for_it_is_told_of_a_new_index(desk):
    told = []
    desk.qa()
    desk.on_index = told.append
    desk.change(TIDES)
    assert [sorted(index.sources) for index in told] == [["harbour.md", "ledger.txt", "letters/june.txt", "tides.txt"]]


def test_texts_are_replaced(desk):
    report = desk.change(TIDES, replace=True)
    assert len(report.removed) == 3
    assert list(desk.index.sources) == ["tides.txt"]
    assert not desk.ask("When was the harbour dug?").result.answered


def test_a_document_is_removed_and_its_question_declined(desk):
    assert desk.ask("When was the harbour dug?").result.answered
    assert desk.change({}, drop=["harbour.md"]).removed == ("harbour.md",)
    assert not desk.ask("When was the harbour dug?").result.answered


def test_an_added_text_stays_when_another_comes(desk):
    desk.change(TIDES)
    desk.change({"more.md": b"# More\n\nA heron nests on the mast.\n"})
    assert {"tides.txt", "more.md", "harbour.md"} <= set(desk.index.sources)


def test_nothing_left_is_refused_and_the_old_index_stays(desk):
    with pytest.raises(PartnershipQAError):
        desk.change({}, drop=list(desk.index.sources))
    assert len(desk.index.sources) == 3


def test_texts_that_take_up_too_much_room_are_refused_and_the_old_ones_stay(desk, monkeypatch):
    desk.change(TIDES)
    monkeypatch.setattr("partnership_qa.web.desk.MAX_KEPT_BYTES", 2000)
    with pytest.raises(CorpusTooLargeError):
        desk.change({"long.txt": b"word " * 400})
    assert sorted(desk.index.sources) == ["harbour.md", "ledger.txt", "letters/june.txt", "tides.txt"]
    assert not (desk.root / TEXTS / "long.txt").exists()


def test_a_text_that_cannot_be_read_is_left_out_and_not_kept(desk):
    report = desk.change({**TIDES, "b.txt": b"\x00\x01\x02"})
    assert [skipped.name for skipped in report.skipped] == ["b.txt"]
    assert not (desk.root / TEXTS / "b.txt").exists()


def test_a_failed_build_leaves_what_was_there(desk, monkeypatch):
    desk.change(TIDES)

    def fail(*args):
        raise ModelError("no")

    monkeypatch.setattr("partnership_qa.web.desk.build", fail)
    with pytest.raises(ModelError):
        desk.change({"more.md": b"A heron."})
    assert sorted(p.name for p in (desk.root / TEXTS).rglob("*.*")) == [
        "harbour.md",
        "june.txt",
        "ledger.txt",
        "tides.txt",
    ]
    assert desk.ask("When does the tide turn at Vadso?").result.answered


def test_a_file_in_another_encoding_keeps_its_bytes(desk, corpus):
    (corpus / "latin.txt").write_bytes("Der Käse reift im Keller.\n".encode("cp1252"))
    desk.read_again()
    before = desk.index.sources["latin.txt"].sha256
    desk.change(TIDES)
    assert desk.index.sources["latin.txt"].sha256 == before


REPORT = pdf([["The lamp of Vardo burnt 412 barrels."], ["The keeper of Vardo was Anna Berg."]])


def test_a_document_whose_file_is_gone_is_kept_as_it_was(desk, corpus):
    (corpus / "report.pdf").write_bytes(REPORT)
    desk.read_again()
    (corpus / "report.pdf").unlink()
    desk.change(TIDES)
    assert (desk.root / TEXTS / "report.pdf").read_bytes() == REPORT
    assert len(desk.index.sources["report.pdf"].pages) == 2


def test_a_removed_document_that_is_gone_back_to_is_still_one_with_pages_after_the_next_build(desk):
    desk.change({"report.pdf": REPORT})
    desk.change({}, drop=["report.pdf"])
    desk.go_back()
    desk.change(TIDES)
    assert sorted(desk.index.sources) == ["harbour.md", "ledger.txt", "letters/june.txt", "report.pdf", "tides.txt"]
    assert desk.ask("Who was the keeper of Vardo?").result.citations[0].page == 2
    assert desk.outdated() == {}


def test_documents_that_were_replaced_and_gone_back_to_keep_their_files(desk, corpus):
    (corpus / "latin.txt").write_bytes("Der Käse reift im Keller, und für Räder zahlt man fünf.\n".encode("cp1252"))
    (corpus / "report.pdf").write_bytes(REPORT)
    desk.read_again()
    before = {name: source.sha256 for name, source in desk.index.sources.items()}
    desk.change(TIDES, replace=True)
    shutil.rmtree(corpus)
    desk.go_back()
    desk.change({"more.md": b"A crow."})
    assert {name: s.sha256 for name, s in desk.index.sources.items() if name != "more.md"} == before


def test_a_page_whose_file_and_original_are_gone_is_kept_as_the_text_that_was_taken_from_it(desk, corpus):
    (corpus / "page.html").write_bytes(b"<h1>Mast</h1><p>The heron nests on the mast.")
    desk.read_again()
    desk.change({**TIDES})
    assert (desk.root / TEXTS / "page.html").read_bytes().startswith(b"<h1>")
    (desk.root / TEXTS / "page.html").unlink()
    shutil.rmtree(desk.root / ORIGINALS)
    desk.change({"more.md": b"A crow."})
    assert desk.index.sources["page.html.txt"].text.startswith("Mast\n\nThe heron nests")
    desk.change({}, drop=["page.html.txt"])
    assert not [name for name in desk.index.sources if name.startswith("page")]


def test_the_folder_is_read_again(desk, corpus):
    (corpus / "new.txt").write_text("The heron nests on the mast.")
    assert desk.outdated() == {"added": ["new.txt"]}
    assert desk.read_again().added == ("new.txt",)
    assert desk.outdated() == {}


def test_a_build_of_another_process_is_taken_up(desk, corpus, encoder, qa):
    desk.ask("When was the harbour dug?")
    (corpus / "new.txt").write_text("The heron nests on the mast.")
    build(corpus, desk.root, encoder)
    assert desk.ask("Where does the heron nest?").result.answered


def test_a_folder_that_vanishes_does_not_stop_the_answers(desk):
    desk.ask("When was the harbour dug?")
    (desk.root / "CURRENT").unlink()
    assert desk.ask("When was the harbour dug?").result.answered


def test_two_builds_at_once_are_one_too_many(desk):
    inside, go = threading.Event(), threading.Event()

    def progress(*args):
        inside.set()
        go.wait(5)

    first = threading.Thread(target=desk.change, args=(TIDES,), kwargs={"progress": progress})
    first.start()
    assert inside.wait(5)
    with pytest.raises(IndexBusyError):
        desk.change({"b.txt": b"words"})
    assert desk.ask("When was the harbour dug?").result.answered, "the old index answers meanwhile"
    go.set()
    first.join()
    assert "tides.txt" in desk.index.sources


def test_the_page_is_there_before_the_models(qa):
    go = threading.Event()

    def assemble(index):
        go.wait(5)
        return QA.assemble(index, qa.encoder, qa.reader, qa.calibration)

    desk = Desk(qa.index, assemble)
    assert desk.index is qa.index
    assert desk.examples
    go.set()
    assert desk.ask("When was the harbour dug?").result.answered


def test_models_that_do_not_load_are_said_without_their_message(qa, caplog):
    def assemble(index):
        raise ModelError("secret path")

    turn = Desk(qa.index, assemble).ask("When was the harbour dug?")
    assert turn.result is None
    assert "secret" not in turn.error
    assert "secret" in caplog.text


def test_public_messages_hold_no_path(root):
    assert str(root) not in public_message(IndexBusyError(root))


def test_examples_come_from_the_corpus_and_are_answered(desk, qa):
    assert "What is the fee of Dinghy?" in candidates(qa.index)
    desk.qa()
    assert desk.examples
    assert all(desk.ask(question).result.answered for question in desk.examples)


def test_examples_change_with_the_corpus(desk):
    desk.change({"moon.md": b"# Moons\n\nThe moons are:\n\n- Io: it is hot.\n- Europa: it is cold.\n"}, replace=True)
    assert "What are the moons?" not in desk.examples or desk.ask("What are the moons?").result.answered
    assert not any("harbour" in question for question in desk.examples)


def test_others_are_let_in_by_a_word_only():
    with pytest.raises(PartnershipQAError, match="allow_public"):
        serve(host="0.0.0.0")


def test_the_web_package_imports_without_gradio():
    import subprocess
    import sys

    code = "import sys, partnership_qa.web; sys.exit('gradio' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_open_index_is_the_one_on_disk(desk):
    desk.change(TIDES)
    assert open_index(desk.root).generation.name == desk.index.generation.name


def test_the_generation_before_is_gone_back_to_and_again(desk):
    desk.change(TIDES)
    desk.change({"more.txt": b"The heron nests on the mast."})
    desk.go_back()
    assert "more.txt" not in desk.index.sources
    assert not desk.ask("Where does the heron nest?").result.answered
    assert desk.outdated() == {}, "the folder says what is indexed"
    desk.go_back()
    assert desk.ask("Where does the heron nest?").result.answered


def test_with_no_generation_before_there_is_no_way_back(desk):
    with pytest.raises(PartnershipQAError):
        desk.go_back()


def test_what_the_reader_considered_is_told_without_reading_again(desk):
    turn = desk.ask("When was the harbour dug?")
    calls = desk.qa().reader.calls, desk.qa().encoder.calls
    found = considered(turn)
    assert found[0].words.startswith("The harbour was dug in 1874")
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert "The harbour was dug in 1874" in why_panel(turn)
    assert (desk.qa().reader.calls, desk.qa().encoder.calls) == calls
    desk.change(TIDES)
    assert considered(turn) == found


def test_every_feature_that_is_shown_is_one_of_the_calibration():
    assert why._EVIDENCE.keys() == set(FEATURES)
    assert why._LIST_EVIDENCE.keys() == set(LIST_FEATURES)


def test_evidence_that_weighs_nothing_is_not_shown(desk, monkeypatch):
    only = Calibration(tuple(float(name == "lead") for name in FEATURES), 0.0, 0.5)
    monkeypatch.setattr(why, "load_calibration", lambda: only)
    panel = why_panel(desk.ask("When was the harbour dug?"))
    assert "Lead over other words" in panel
    assert "Reader: this passage answers" not in panel


def test_a_question_is_searched_and_read_once(desk):
    qa = desk.qa()
    before = qa.encoder.calls, qa.reader.calls
    turn = desk.ask("When was the harbour dug?", k=2)
    assert (qa.encoder.calls - before[0], qa.reader.calls - before[1]) == (1, 1)
    assert len(turn.hits) == 2
    assert turn.seconds == sum(turn.trace.seconds.values()) > 0


def test_stages_are_told_and_first_that_the_models_are_coming(qa):
    go = threading.Event()

    def assemble(index):
        go.wait(5)
        return QA.assemble(index, qa.encoder, qa.reader, qa.calibration)

    steps = Desk(qa.index, assemble).asking("When was the harbour dug?")
    assert next(steps) is None
    go.set()
    assert list(steps) == [Stage.SEARCHING, Stage.READING, Stage.COMPOSING]


def test_a_failure_nobody_foresaw_is_told_without_its_message(desk, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("secret")

    desk.qa()  # what is made ready in the background asks questions too
    monkeypatch.setattr(QA, "steps", fail)
    turn = desk.ask("When was the harbour dug?")
    assert turn.result is None
    assert "secret" not in turn.error
    assert "secret" in caplog.text


def test_a_card_says_what_was_carried_over_and_lets_the_newest_do_without(desk):
    first = desk.ask("What is the fee of the Dinghy boat?")
    completed = desk.ask("And of the Cutter?", [first])
    searched = desk.ask("Who kept the harbour?", [desk.ask("Who dug the harbour?")])
    cards = [turn_card(1, turn, desk.index.sources, last=True) for turn in (completed, searched)]
    assert "Understood as" in cards[0]
    assert "Searched with what was said before in mind" in cards[1]
    assert all("data-do='alone'" in card for card in cards)
    same = desk.ask("What is the fee of the Cutter boat?", [first])
    assert "Searched with" not in turn_card(1, same, desk.index.sources, last=True)
    assert "data-do='alone'" not in turn_card(1, completed, desk.index.sources)
    assert "pq-understood" not in turn_card(0, first, desk.index.sources, last=True)


def test_a_question_asked_on_its_own_forgets_what_was_said(desk):
    talk = Talk(desk)
    turns = [desk.ask("What is the fee of the Dinghy boat?")]
    turns.append(desk.ask("And of the Cutter?", turns))
    *_, last = talk.alone(turns, 4, desk.threshold_shown)
    shown = last[1]
    assert [turn.question for turn in shown] == [turn.question for turn in turns]
    assert turns[1].asked != turns[1].question
    assert shown[1].asked == shown[1].question
    assert not shown[1].leaned


def test_a_greeting_gets_a_reply_without_the_trappings_of_a_refusal(desk):
    turn = desk.ask("Hello!")
    html = turn_card(0, turn, desk.index.sources)
    assert "It is about: " in html
    assert "Not in the text" not in html
    assert "What to try" not in html


def test_a_greeting_leaves_its_box_empty(desk):
    *_, last = Talk(desk).respond("Hello", [], 4, desk.threshold_shown)
    assert last[2]["value"] == ""


def test_an_edited_question_takes_the_place_of_the_last_and_leans_on_what_came_before_it(desk):
    talk = Talk(desk)
    first, second = desk.ask("What is the fee of the Dinghy boat?"), desk.ask("When was the harbour dug?")
    *_, last = talk.respond("And of the Cutter?", [first, second], 4, desk.threshold_shown, (), "1")
    assert [turn.question for turn in last[1]] == [first.question, "And of the Cutter?"]
    assert "Cutter" in last[1][1].asked != "And of the Cutter?"


def test_an_earlier_question_is_asked_anew_at_the_end_as_if_nothing_had_come_after_it(desk):
    talk = Talk(desk)
    turns = [desk.ask("What is the fee of the Dinghy boat?")]
    turns += [desk.ask("And of the Cutter?", turns), desk.ask("When was the harbour dug?")]
    *_, last = talk.again(turns, 4, desk.threshold_shown, (), "1#99")
    assert [turn.question for turn in last[1]] == [*(turn.question for turn in turns), "And of the Cutter?"]
    assert last[1][3].asked == turns[1].asked


@pytest.mark.parametrize("place", ["", "7", "-1", "x"])
def test_a_place_that_there_is_not_makes_a_new_question(desk, place):
    turns = [desk.ask("When was the harbour dug?")]
    *_, last = Talk(desk).respond("When did the new lens arrive?", turns, 4, desk.threshold_shown, (), place)
    assert len(last[1]) == 2
