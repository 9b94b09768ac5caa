"""Conversations that are kept: the store, and turns that come back as they were."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from partnership_qa.errors import ConversationError
from partnership_qa.index import build, open_index
from partnership_qa.library import Library
from partnership_qa.proof import State
from partnership_qa.qa import QA
from partnership_qa.web.conversations import Conversations, conversations_of
from partnership_qa.web.desk import Desk
from partnership_qa.web.html import cards
from partnership_qa.web.kept_turns import Indexed, dumped, loaded, words_of
from partnership_qa.web.labels import Labels

FACT = "Who kept the light from 1901?"
QUESTIONS = [
    FACT, "What things are forbidden on the quay?", "How much is the fee of the Cutter and of the Dinghy?",
    "Who dug the harbour and who kept the light from 1901?", "What is the capital of France?", "Hello!", "x" * 3000,
]  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return Conversations(tmp_path / "data" / "conversations.sqlite")


@pytest.fixture
def desk(qa, tmp_path):
    return Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration), Labels(tmp_path))


def kept(store, *questions, conversation=""):
    return store.keep(conversation, [({"question": question}, question) for question in questions])


def test_a_conversation_comes_back_with_its_turns_in_order(store):
    name = kept(store, "Who?", "When?", "Why?")
    assert [turn["question"] for turn in store.turns(name)] == ["Who?", "When?", "Why?"]
    assert [(one.id, one.title, one.turns) for one in store.listed()] == [(name, "Who?", 3)]


def test_what_is_kept_again_takes_the_place_of_what_was(store):
    name = kept(store, "Who?", "When?", "Why?")
    assert kept(store, "Who?", "Where?", conversation=name) == name
    assert [turn["question"] for turn in store.turns(name)] == ["Who?", "Where?"]
    assert len(store.listed()) == 1


def test_the_newest_stands_first(store):
    first, second = kept(store, "One?"), kept(store, "Two?")
    assert [one.id for one in store.listed()] == [second, first]
    kept(store, "One?", "And now?", conversation=first)
    assert [one.id for one in store.listed()] == [first, second]


def test_they_are_searched_by_words_of_questions_and_titles_whatever_their_case(store):
    first, second = kept(store, "Who kept the Lighthouse?", "And the harbour?"), kept(store, "Who paid 100% of_it?")
    store.rename(second, "Money of VÄSBY")
    expected = {
        "lighthouse": [first], "HARBOUR who": [first], "väsby": [second], "who": [second, first], "harbour väsby": [],
        "100%": [second], "%": [second], "f_i": [second], "_f": [], "'; --": [],
    }  # fmt: skip
    assert {words: [one.id for one in store.listed(words)] for words in expected} == expected


def test_a_title_is_one_line_and_never_empty(store):
    name = kept(store, "Who?")
    store.rename(name, "  The\n light  ")
    store.rename(name, " \n ")
    assert store.listed()[0].title == "The light"
    store.rename(name, "x" * 500)
    assert store.listed()[0].title == "x" * 120


def test_a_renamed_conversation_keeps_its_title_when_it_goes_on(store):
    name = kept(store, "Who?")
    store.rename(name, "The light")
    kept(store, "Who?", "When?", conversation=name)
    assert (store.listed()[0].title, store.listed()[0].turns) == ("The light", 2)


def test_a_deleted_conversation_leaves_no_word_in_the_file(store):
    name = kept(store, "Who kept the zanzibarium?")
    other = kept(store, "Who?")
    store.delete(name)
    assert (store.turns(name), [one.id for one in store.listed()]) == ([], [other])
    with sqlite3.connect(store.file) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base.close()
    assert all(b"zanzibarium" not in file.read_bytes() for file in store.file.parent.iterdir())


def test_before_the_first_there_is_no_file(store):
    assert (store.listed(), store.turns("0" * 32)) == ((), [])
    assert not store.file.exists()


def test_indexes_that_share_a_file_do_not_share_conversations(store):
    one, two = (Conversations(store.file, place) for place in ("one", "two"))
    name = kept(one, "Who?")
    assert (two.listed(), two.turns(name)) == ((), [])
    two.delete(name)
    two.rename(name, "Mine")
    assert [kept.title for kept in one.listed()] == ["Who?"]


def test_threads_keep_conversations_side_by_side(store):
    threads = [threading.Thread(target=kept, args=(store, f"Who {n}?")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.title for one in store.listed()} == {f"Who {n}?" for n in range(12)}


def test_the_first_conversation_waits_for_another_program_that_is_in_the_file(store):
    store.file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(store.file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.3, other.execute, ["COMMIT"])
        end.start()
        kept(store, "Who?")
        end.join()
    assert [one.title for one in store.listed()] == ["Who?"]


def test_a_reader_does_not_wait_for_a_writer(store):
    kept(store, "Who?")
    with store._open(write=True) as base:
        base.execute("UPDATE conversation SET title = 'half done'")
        assert [one.title for one in store.listed()] == ["Who?"]


def test_a_damaged_file_and_one_of_a_newer_version_are_said(store):
    name = kept(store, "Who?")
    with sqlite3.connect(store.file) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(ConversationError, match="newer version"):
        store.listed()
    store.file.write_bytes(b"no database" * 100)
    for work in (store.listed, lambda: store.turns(name), lambda: kept(store, "Who?")):
        with pytest.raises(ConversationError, match="cannot be read or written"):
            work()


def test_a_collection_has_its_own_and_they_move_with_it(corpus, encoder, tmp_path):
    library = Library(tmp_path / "home")
    collection = library.create("one", [corpus])
    build(collection.corpus, collection.index, encoder)
    kept(conversations_of(collection.index), "Who?")
    moved = library.rename("one", "two")
    assert [one.title for one in conversations_of(moved.index).listed()] == ["Who?"]


def test_indexes_that_stand_alone_are_told_apart_by_their_folder(tmp_path):
    library = Library(tmp_path / "home")
    kept(conversations_of(tmp_path / "a", library), "Who?")
    assert conversations_of(tmp_path / "b", library).listed() == ()
    assert len(conversations_of(tmp_path / "a", library).listed()) == 1
    assert (tmp_path / "home" / "conversations.sqlite").is_file()


@pytest.mark.parametrize("threshold", [None, 1.0])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_turn_comes_back_and_looks_as_it_did(desk, store, question, threshold):
    turn = replace(desk.ask(question, threshold=threshold), rating="up", note="good", within=("a.txt",))
    name = store.keep("", [(dumped(turn), words_of(turn))])
    (back,) = (loaded(values) for values in store.turns(name))
    assert dumped(back) == dumped(turn)
    bare = replace(turn, trace=turn.trace and replace(turn.trace, parts=()))
    sources = desk.index.sources
    assert cards.turn_card(0, back, sources) == cards.turn_card(0, bare, sources)


def test_a_turn_is_found_by_its_answer_and_its_quotes(desk, store):
    turn = desk.ask("Who kept the light from 1901?")
    store.keep("", [(dumped(turn), words_of(turn))])
    assert len(store.listed("anna ledger")) == 1
    assert store.listed("paraffin") == ()


def test_whether_a_quote_still_stands_is_told(qa, corpus, encoder):
    result = qa.answer("Who kept the light from 1901?")
    (cited,) = result.citations
    assert Indexed(qa.index).standing(cited) is State.INTACT
    file = corpus / "ledger.txt"
    file.write_text(file.read_text("utf-8") + "\nA line at the end.\n", encoding="utf-8")
    build(corpus, qa.index.root, encoder)
    assert Indexed(open_index(qa.index.root)).standing(cited) is State.INTACT
    file.write_text("One line more.\n\n" + file.read_text("utf-8"), encoding="utf-8")
    build(corpus, qa.index.root, encoder)
    assert Indexed(open_index(qa.index.root)).standing(cited) is State.MOVED
    file.write_text(file.read_text("utf-8").replace("Anna Berg", "Anna Borg"), encoding="utf-8")
    build(corpus, qa.index.root, encoder)
    assert Indexed(open_index(qa.index.root)).standing(cited) is State.CHANGED
    file.unlink()
    build(corpus, qa.index.root, encoder)
    assert Indexed(open_index(qa.index.root)).standing(cited) is State.GONE


def test_a_quote_that_was_kept_without_a_proof_is_told_by_its_words_and_place(qa, corpus, encoder):
    (cited,) = qa.answer("Who kept the light from 1901?").citations
    bare = replace(cited, proof=None)
    assert Indexed(qa.index).standing(bare) is State.INTACT
    file = corpus / "ledger.txt"
    file.write_text("One line more.\n\n" + file.read_text("utf-8"), encoding="utf-8")
    build(corpus, qa.index.root, encoder)
    assert Indexed(open_index(qa.index.root)).standing(bare) is State.MOVED
