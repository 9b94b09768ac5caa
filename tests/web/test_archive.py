"""Earlier conversations in the page: kept with each answer, opened again, renamed, deleted, or not kept at all."""

from __future__ import annotations

import json

import pytest
from fakes import FakeEncoder
from markup import OURS, PAYLOADS, Reader

from partnership_qa import web
from partnership_qa.index import build
from partnership_qa.qa import QA
from partnership_qa.web import environment
from partnership_qa.web.archive import Archive
from partnership_qa.web.conversations import Conversations, Kept
from partnership_qa.web.desk import Desk
from partnership_qa.web.export import saved
from partnership_qa.web.html.kept import kept_list
from partnership_qa.web.html.why import why_panel
from partnership_qa.web.labels import Labels
from partnership_qa.web.talk import Talk

FACT = "Who kept the light from 1901?"
LINE = "- Anna Berg: kept the light from 1901 to 1919 and wrote the first ledger.\n"
DUG = "When was the harbour dug?"


@pytest.fixture
def desk(qa, tmp_path):
    return Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration), Labels(tmp_path))


@pytest.fixture
def store(tmp_path):
    return Conversations(tmp_path / "kept.sqlite")


@pytest.fixture
def archive(desk, store):
    return Archive(Talk(desk), lambda: store)


def act(archive, what, name, current="", words="", **more):
    return archive.act(json.dumps({"do": what, "id": name, **more}), current, words)


def opened(archive, name):
    messages, turns, *_, name, _ = act(archive, "open", name)
    return messages, turns, name


def text(html):
    return Reader(html).text


def test_a_conversation_is_kept_with_each_answer_and_opened_again(desk, archive, store):
    turns = [desk.ask(FACT)]
    name, _ = archive.remember(turns, "", "")
    turns.append(desk.ask(DUG, turns))
    assert archive.remember(turns, name, "")[0] == name
    assert [one.turns for one in store.listed()] == [2]
    messages, back, current = opened(archive, name)
    assert current == name
    assert [turn.question for turn in back] == [FACT, DUG]
    assert saved(back, "Markdown") == saved(turns, "Markdown")
    assert "Anna Berg" in text(messages[1].content[0].value)


def test_nothing_is_kept_of_a_conversation_without_an_answer(archive, store):
    archive.remember([], "", "")
    assert not store.file.exists()


def test_an_opened_conversation_goes_on_and_is_kept_in_its_place(desk, archive, store):
    name, _ = archive.remember([desk.ask(FACT)], "", "")
    _, turns, current = opened(archive, name)
    turn = desk.ask("And until 1944?", turns)
    archive.remember([*turns, turn], current, "")
    assert [(one.id, one.turns) for one in store.listed()] == [(name, 2)]


def test_opening_one_does_not_move_it_up(desk, archive, store):
    first, _ = archive.remember([desk.ask(FACT)], "", "")
    second, _ = archive.remember([desk.ask(DUG)], "", "")
    _, turns, current = opened(archive, first)
    archive.remember(turns, current, "")
    assert [one.id for one in store.listed()] == [second, first]


def test_an_opened_conversation_asks_within_what_it_asked_last(desk, archive):
    _, turns, *_ = list(archive._talk.respond(FACT, [], 4, 0.5, ("ledger.txt",)))[-1]
    name, _ = archive.remember(turns, "", "")
    *_, within, line, _, _ = act(archive, "open", name)
    assert within == ("ledger.txt",)
    assert "1 of 3 documents" in text(line)


def test_an_opened_answer_says_that_its_quotes_still_stand(desk, archive):
    name, _ = archive.remember([desk.ask(FACT)], "", "")
    messages, _, _ = opened(archive, name)
    assert "From earlier: the quote still stands in the text." in text(messages[1].content[0].value)


def test_an_answer_of_now_says_nothing_of_the_kind(desk, archive):
    (_, answer) = archive._talk.messages([desk.ask(FACT)])
    assert "From earlier" not in text(answer.content[0].value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("The Lighthouse", "Title\n\nThe Lighthouse", "the words of [1] stand in another place now."),
        ("Anna Berg", "Anna Borg", "the words of [1] have changed."),
        (LINE, "", "[1] no longer stands in the text."),
    ],
)
def test_an_answer_whose_text_has_changed_says_what_has_become_of_its_quotes(desk, archive, corpus, old, new, said):
    turns = [desk.ask(FACT)]
    file = corpus / "ledger.txt"
    file.write_text(file.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    build(corpus, desk.root, FakeEncoder())
    desk.qa(newest=True)
    (_, answer) = archive._talk.messages(turns)
    assert f"From earlier: {said}" in text(answer.content[0].value)


def test_a_conversation_is_renamed_and_deleted(desk, archive, store):
    name, _ = archive.remember([desk.ask(FACT)], "", "")
    *_, listed = act(archive, "rename", name, name, title="The keepers")
    assert "The keepers" in text(listed)
    *_, current, listed = act(archive, "delete", name, name)
    assert (current, store.listed()) == ("", ())
    assert "None yet." in text(listed)


def test_they_are_searched_by_words(desk, archive):
    archive.remember([desk.ask(FACT)], "", "")
    archive.remember([desk.ask(DUG)], "", "")
    assert text(archive.listed("ledger anna")).startswith(FACT)
    assert DUG not in text(archive.listed("ledger anna"))
    assert text(archive.listed("zebra")) == "No conversation holds these words."


def test_a_store_that_is_damaged_is_said_and_the_answer_stays(desk, archive, store, tmp_path):
    store.file.write_bytes(b"no database" * 100)
    _, listed = archive.remember([desk.ask(FACT)], "", "")
    assert "Kept conversations cannot be read or written" in text(listed)
    assert str(tmp_path) not in listed
    *_, listed = act(archive, "open", "0" * 32)
    assert "Kept conversations cannot be read or written" in text(listed)


@pytest.mark.parametrize("given", ["", "[]", "{}", '{"do": "open"}', '{"do": "rename", "id": "x"}', "null", "7"])
def test_what_is_no_command_changes_nothing(archive, given):
    *stay, listed = archive.act(given, "", "")
    assert "cannot be opened" in text(listed)
    assert all("__type__" in one for one in stay)


def test_what_another_version_has_written_is_not_opened(archive, store):
    name = store.keep("", [({"question": "Who?"}, "Who?")])
    *_, listed = act(archive, "open", name)
    assert "This conversation cannot be opened." in text(listed)


def test_how_an_earlier_answer_came_about_is_not_made_up(desk, archive):
    name, _ = archive.remember([desk.ask(FACT)], "", "")
    _, (turn,), _ = opened(archive, name)
    assert Reader(why_panel(turn)).tags


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_title_is_shown_as_the_text_it_is(payload):
    html = kept_list([Kept("0" * 32, payload, 0.0, 1)], problem=payload)
    assert set(Reader(html).tags) <= OURS
    assert payload.replace("\u202e", "") in text(html)


@pytest.mark.parametrize(
    ("options", "kept"),
    [({}, True), ({"keep_conversations": False}, False), ({"host": "0.0.0.0", "allow_public": True}, False)],
)
def test_conversations_are_kept_only_where_nobody_else_comes_and_if_wanted(monkeypatch, index, tmp_path, options, kept):
    environment.prepare()
    from partnership_qa.web import server

    seen = []
    monkeypatch.setattr(server, "Desk", lambda opened, assemble, **options: type("One", (), {"root": index.root})())
    monkeypatch.setattr(server, "start", lambda *a, store, **k: seen.append(store is not None))
    web.serve(index=index.root, **options)
    assert seen == [kept]
