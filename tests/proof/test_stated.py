"""Notes, refusals, marks and headings: only what the package says of these quotes passes, and all of that does."""

from __future__ import annotations

import copy

import pytest
from fakes import CORPUS, qa_of

from partnership_qa import verify
from partnership_qa.errors import ProofError
from partnership_qa.proof import State
from partnership_qa.proof.stated import headings, is_note, is_refusal
from partnership_qa.proof.wording import greeting, rows_note

LIST = "What things are forbidden on the quay?"
TWO = "How many barrels in 1890 and in 1895?"
HALF = "How many barrels in 1890 and in 2044?"
NOWHERE = "Any zebras?"
ONE = "When was the harbour dug?"


@pytest.fixture(scope="module")
def qa(tmp_path_factory):
    """Built once: no test changes it."""
    return qa_of(tmp_path_factory.mktemp("stated"), CORPUS)


@pytest.fixture
def ask(qa):
    """A question to a copy of its answer as JSON has it, with some of it changed."""

    def asked(question, documents=(), **changed):
        return copy.deepcopy(qa.answer(question, documents=documents).to_dict()) | changed

    return asked


def wrong(given, corpus):
    """What is unsupported; every quote must be intact."""
    verdicts = verify(given, corpus)
    assert all(one.state in (State.INTACT, State.UNSUPPORTED) for one in verdicts)
    return [one.said for one in verdicts if one.state is State.UNSUPPORTED]


@pytest.mark.parametrize(
    "question", [LIST, TWO, HALF, NOWHERE, ONE, "hello", "summarize this text", "Who fed a zebra?"]
)
def test_what_the_package_says_is_supported_word_for_word(ask, corpus, question):
    assert wrong(ask(question), corpus) == []


def test_a_refusal_within_some_documents_is_supported_and_names_no_others(ask, corpus):
    refusal = ask(NOWHERE, ["ledger.txt"])
    assert refusal["text"].endswith("Searched only within “ledger.txt” (1 of 3 documents).")
    assert wrong(refusal, corpus) == []
    spoilt = refusal["text"].replace("ledger", "lawyer")
    assert wrong(refusal | {"text": spoilt}, corpus) == [spoilt]


@pytest.mark.parametrize(
    ("question", "note"),
    [
        (LIST, "All fees are refunded."), (ONE, "All fees are refunded."), (NOWHERE, "All fees are refunded."),
        (ONE, "2 rows"), (ONE, "2 parts"), (TWO, "3 parts"), (TWO, "1 parts"), (TWO, "2 parts and more"),
        (HALF, "Not in the text: How many barrels in the cellar?"), (HALF, "Not in the text: "), (LIST, "3 rows"),
    ],
)  # fmt: skip
def test_a_note_that_does_not_follow_from_the_quotes_is_unsupported(ask, corpus, question, note):
    assert wrong(ask(question, note=note), corpus) == [note]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("All 3", "All 4"),
        ("items", "rows"),
        ("Rules of the quay", "Fees"),
        ("lines 18", "lines 17"),
        (", lines", ". Lines"),
    ],
)
def test_the_note_of_a_whole_list_is_compared_in_all_its_parts(ask, corpus, old, new):
    answer = ask(LIST)
    note = answer["note"].replace(old, new)
    assert old in answer["note"]
    assert wrong(answer | {"note": note}, corpus) == [note]


def test_a_note_beside_an_answer_that_was_saved_without_its_kind_is_checked_all_the_same(ask, corpus):
    answer = ask(LIST)
    del answer["kind"]
    assert wrong(answer, corpus) == []
    assert wrong(answer | {"note": "Paid."}, corpus) == ["Paid."]


@pytest.mark.parametrize(
    "question", [NOWHERE, "Who fed a zebra?", "hello", "Is the harbour a museum of steam engines and old carriages?"]
)
def test_a_refusal_that_says_anything_else_is_unsupported(ask, corpus, question):
    refusal = ask(question)
    assert not refusal["answered"]
    for text in ("The fee is 3.", f"{refusal['text']} The fee is 3.", refusal["text"].replace("text", "book")):
        (said,) = wrong(refusal | {"text": text}, corpus)
        assert said in text


def test_a_refusal_beside_candidates_is_held_against_the_one_sentence_for_them(qa, ask, corpus):
    closest = [cited.to_dict() for cited in qa.answer(ONE).citations]
    text = "No answer is certain enough to be given; the closest passages may hold it."
    refusal = ask(NOWHERE, reason="doubtful", candidates=closest, text=text)
    assert wrong(refusal, corpus) == []
    assert wrong(refusal | {"text": "It was dug in 1874."}, corpus) == ["It was dug in 1874."]
    closest[0]["highlights"] = [[closest[0]["start"], closest[0]["start"] + 5]]
    assert wrong(refusal, corpus) == [closest[0]["quote"]]


@pytest.mark.parametrize(
    "changed",
    [{"reason": "not_answered"}, {"reason": "no_question"}, {"reason": "none"}, {"reason": None}, {"question": "Hm?"},
     {"unknown_words": []}, {"unknown_words": 7}, {"unknown_words": ["boats"]}],
)  # fmt: skip
def test_a_refusal_must_fit_its_own_reason_and_question(ask, corpus, changed):
    refusal = ask(NOWHERE)
    assert wrong(refusal | changed, corpus) == [refusal["text"]]


def test_what_a_greeting_says_that_the_texts_are_about_must_stand_in_them(ask, corpus):
    reply = ask("hello")
    text = reply["text"].replace("Harbour of Väsby", "Wonders of the world")
    assert wrong(reply | {"text": text}, corpus) == ["Wonders of the world"]


def test_the_heading_of_the_nearest_passage_must_stand_in_its_document(ask, corpus):
    refusal = ask("Is the harbour a museum of steam engines and old carriages?")
    heading = refusal["nearest"][0]["section"][-1]
    assert f"stands under “{heading}”." in refusal["text"]
    refusal["nearest"][0]["section"][-1] = "Free of charge"
    text = refusal["text"].replace(heading, "Free of charge")
    assert wrong(refusal | {"text": text}, corpus) == ["Free of charge"]


def test_headings_and_columns_of_a_quote_must_stand_in_its_file(ask, corpus):
    answer = ask("What is the fee of a Dinghy?")
    (cited,) = answer["citations"]
    cited["section"][-1] = "Free of charge"
    cited["columns"][1] = "Refund"
    assert wrong(answer, corpus) == ["Free of charge", "Refund"]


def test_headings_are_not_held_against_a_file_that_has_changed_or_is_gone(ask, corpus):
    answer = ask(ONE)
    answer["citations"][0]["section"] = ["Free of charge"]
    file = corpus / "harbour.md"
    file.write_bytes(file.read_bytes() + b"\nMore.\n")
    assert wrong(answer, corpus) == []
    file.unlink()
    assert [one.state for one in verify(answer, corpus)] == [State.GONE]


@pytest.mark.parametrize(("name", "value"), [("line", 7), ("page", 2), ("place", "Fees!C3")])
def test_another_address_beside_the_proof_is_what_is_checked(ask, corpus, name, value):
    answer = ask(ONE)
    answer["citations"][0][name] = value
    (verdict,) = verify(answer, corpus)
    assert (verdict.state, verdict.found.line) == (State.MOVED, 3)


def remarked(answer, *marks):
    """The answer with other marks in its one quote and its proof, saying what they mark; words by the quote."""
    (cited,) = answer["citations"]
    spans = [(cited["start"] + cited["quote"].index(one), len(one)) for one in marks]
    cited["highlights"] = cited["proof"]["marks"] = [[start, start + length] for start, length in spans]
    text = " · ".join(marks)
    return answer | {"text": text, "parts": [{"text": text, "citations": [1]}]}


@pytest.mark.parametrize(
    "marks",
    [("The harbour", "1874"), ("by Ingrid Holm.", "The harbour was dug in 1874"), ("1874", "1874"), ("in 1874", "1874"),
     ("The harbour was dug", "in 1874 by Ingrid"),
        ("The harbour was dug in 1874 by Ingrid Holm.",) * 2],
)  # fmt: skip
def test_several_marks_say_nothing_of_a_sentence(ask, corpus, marks):
    given = remarked(ask(ONE), *marks)
    assert wrong(given, corpus) == [given["text"]]


def test_a_row_is_marked_as_a_whole_or_within_one_of_its_cells(ask, corpus):
    row = ask("What is the fee of a Dinghy?")
    assert row["citations"][0]["quote"] == "| Dinghy | 3   | North |"
    for marks in (("Dinghy", "3", "North"), ("Dinghy",), ("North",)):
        assert wrong(remarked(copy.deepcopy(row), *marks), corpus) == []
    for marks in (("Dinghy", "North"), ("North", "3", "Dinghy"), ("Dinghy | 3",), ("Dinghy", "3")):
        given = remarked(copy.deepcopy(row), *marks)
        assert given["text"] in wrong(given, corpus)


def test_another_mark_in_a_sentence_than_its_proof_states_is_unsupported(ask, corpus):
    for marks in (("1874",), ("Ingrid Holm",)):
        given = remarked(ask(ONE), *marks)
        assert wrong(given, corpus) == []
        given["citations"][0]["proof"]["marks"] = ask(ONE)["citations"][0]["highlights"]
        assert wrong(given, corpus) == list(marks)


def test_marks_of_an_answer_that_was_saved_before_proofs_stated_them_are_taken_as_they_are(ask, corpus):
    given = remarked(ask(ONE), "1874")
    del given["citations"][0]["proof"]["marks"]
    assert wrong(given, corpus) == []


def test_cells_that_are_forged_with_the_marks_splice_no_row(ask, corpus):
    given = remarked(ask("What is the fee of a Dinghy?"), "Dinghy", "North")
    given["citations"][0]["cells"] = given["citations"][0]["highlights"]
    assert wrong(given, corpus) == ["Dinghy · North"]


@pytest.mark.parametrize("cells", [7, [7], [[1]], [["a", "b"]], [[True, False]]])
def test_cells_of_another_kind_support_nothing(ask, corpus, cells):
    given = ask("What is the fee of a Dinghy?")
    given["citations"][0]["cells"] = cells
    assert wrong(given, corpus) == [given["text"]]


def test_lines_of_a_list_are_all_there_in_their_order(ask, corpus):
    lines = ask(LIST)["text"].split("\n")
    for text in ("\n".join(lines[::-1]), "\n".join(lines[:2]), "\n".join([*lines, lines[0]])):
        assert wrong(ask(LIST, text=text), corpus) == [text]


@pytest.mark.parametrize("note", [7, ["3 rows"], {"a": 1}])
def test_a_note_of_another_kind_is_an_error_that_names_it(ask, corpus, note):
    with pytest.raises(ProofError) as told:
        verify(ask(ONE, note=note), corpus)
    assert told.value.field == "note"


def test_a_note_counts_the_rows_that_are_given():
    rows = [{"line": 3}, {"line": 4}, {"line": 5}]
    assert is_note(rows_note(3), {"kind": "rows"}, rows)
    assert not any(is_note(rows_note(count), {"kind": "rows"}, rows) for count in (0, 2, 4, 13))
    assert not is_note(rows_note(3), {"kind": "list"}, rows)


def test_topics_that_a_greeting_leaves_out_are_no_topics():
    text = greeting("Fees; Rules of the 3 quays", 3, summary=True)
    refusal = {"reason": "no_question"}
    assert is_refusal(text, refusal)
    assert [one.words for one in headings(text, refusal)] == ["Fees", "Rules of the 3 quays"]


def test_a_further_quote_is_marked_as_an_answer_marks_it_or_not_at_all(qa, ask, corpus):
    answer = ask(ONE)
    further = qa.answer("Who kept the light from 1901?").citations[0].to_dict()
    answer["citations"].append(further)
    assert wrong(answer, corpus) == []
    start = further["start"]
    further["highlights"] = [[start + 3, start + 6], [start, start + 2]]
    assert wrong(answer, corpus) == [further["quote"]]
    further["highlights"] = []
    assert wrong(answer, corpus) == []


def test_the_candidates_of_a_refusal_are_checked_as_quotes(qa, ask, corpus):
    (closest,) = (cited.to_dict() for cited in qa.answer(ONE).citations)
    closest["quote"] = closest["quote"].replace("1874", "1999")
    text = "No answer is certain enough to be given; the closest passages may hold it."
    (verdict,) = verify(ask(NOWHERE, reason="doubtful", candidates=[closest], text=text), corpus)
    assert verdict.state is State.CHANGED
