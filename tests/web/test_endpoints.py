"""The endpoints `/ask` and `/search`: what was said before, and the documents to ask within."""

from __future__ import annotations

import httpx
import pytest
from serving import serving

from partnership_qa.errors import QuestionError, UnknownDocumentError
from partnership_qa.qa import QA
from partnership_qa.web.desk import Desk
from partnership_qa.web.endpoints import asked, found
from partnership_qa.web.labels import Labels

SAID = [{"role": "user", "content": "How many barrels in 1890?"}, {"role": "assistant", "content": "40"}]


@pytest.fixture
def desk(qa, tmp_path):
    return Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration), Labels(tmp_path))


def test_a_question_is_completed_from_what_was_said_before(desk):
    assert asked(desk, "And in 1895?", SAID)["standalone_question"] == "How many barrels in 1895?"


def test_a_question_without_a_history_stands_alone(desk):
    assert asked(desk, "And in 1895?")["standalone_question"] is None


@pytest.mark.parametrize(
    ("history", "what"),
    [
        ("Who?", "The history is no list"), ({"role": "user"}, "The history is no list"),
        ([*SAID, "Who?"], "Message 3 of the history is no object"),
        ([{"content": "Who?"}], "Message 1 of the history has a role that is neither user nor assistant"),
        ([{"role": "user", "content": None}], "Message 1 of the history has no content that is text"),
    ],
)  # fmt: skip
def test_a_history_of_another_form_is_said(desk, history, what):
    with pytest.raises(QuestionError, match=what):
        asked(desk, "And in 1895?", history)


def test_a_question_is_asked_within_documents(desk):
    question = "When did the new lens arrive?"
    answer = asked(desk, question, documents=["letters/"])
    assert [cited["document"] for cited in answer["citations"]] == ["letters/june.txt"]
    refusal = asked(desk, question, documents=["*.md"])
    assert not refusal["answered"]
    assert refusal["text"].endswith(" Searched only within “*.md” (1 of 3 documents).")


def test_words_are_searched_within_documents(desk):
    assert {hit["document"] for hit in found(desk, "lens", 5, ["*.txt"])} == {"ledger.txt", "letters/june.txt"}
    assert {hit["document"] for hit in found(desk, "lens", 5, [])} > {"harbour.md"}


@pytest.mark.parametrize(
    ("documents", "error", "what"),
    [
        ("ledger.txt", QuestionError, "no list of texts"), ({"a": 1}, UnknownDocumentError, "is called “a”"),
        ([1], QuestionError, "no list of texts"), (7, QuestionError, "no list of texts"),
        (["leger.txt"], UnknownDocumentError, "Near it are: ledger.txt"),
    ],
)  # fmt: skip
def test_documents_of_another_form_are_said(desk, documents, error, what):
    for work in (lambda: asked(desk, "Who?", None, documents), lambda: found(desk, "light", 3, documents)):
        with pytest.raises(error, match=what):
            work()


def test_a_document_that_there_is_not_is_said_over_http(tmp_path):
    with serving(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        body = {"question": "Who kept the light?", "documents": ["leger.txt"]}
        number = client.post("/gradio_api/call/v2/ask", json=body).json()["event_id"]
        assert "Near it are: ledger.txt" in client.get(f"/gradio_api/call/v2/ask/{number}").text


def test_a_history_is_taken_over_http_and_its_fault_is_said(tmp_path):
    with serving(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:

        def result(history):
            body = {"question": "And in 1895?", "history": history}
            number = client.post("/gradio_api/call/v2/ask", json=body).json()["event_id"]
            return client.get(f"/gradio_api/call/v2/ask/{number}").text

        assert '"standalone_question": "How many barrels in 1895?"' in result(SAID)
        assert "Message 1 of the history is no object" in result(["Who?"])


@pytest.mark.parametrize("k", [0, -1, 21, 2.5, "3", None])
def test_a_number_of_passages_that_cannot_be_given_is_refused(desk, k):
    with pytest.raises(QuestionError, match=r"not |passage"):
        found(desk, "light", k)


def test_a_number_of_passages_is_kept_to(desk):
    assert [len(found(desk, "light", k)) for k in (1, 3)] == [1, 3]
