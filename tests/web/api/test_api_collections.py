"""Collections by name over HTTP: each is asked in its newest version, and few are kept open."""

from __future__ import annotations

import pytest
from fakes import CORPUS, FakeEncoder
from fastapi import FastAPI
from test_api_endpoints import ASKED, desk, sent

from partnership_qa.index import build
from partnership_qa.keys import Keys
from partnership_qa.library import Library
from partnership_qa.web.api import service as rooms
from partnership_qa.web.api.access import Access
from partnership_qa.web.api.app import make_api

__all__ = ["desk"]


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "home")


@pytest.fixture
def made(library, tmp_path):
    """Makes a collection of one text, or builds it anew."""

    def make(name, text, document="note.txt"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / document).write_text(text, "utf-8")
        there = {one.name for one in library.collections()}
        one = library.collection(name) if name in there else library.create(name, [folder])
        build(folder, one.index, FakeEncoder())

    return make


@pytest.fixture
def service(desk, library):
    return rooms.Service(desk, library)


@pytest.fixture
def app(service, tmp_path):
    app = FastAPI()
    app.mount("/v1", make_api(service, Access(Keys(tmp_path / "home"), True, False, lambda request: False)))
    return app


def asked(app, question, **more):
    return sent(app, "POST", "ask", json={"question": question} | more)


def test_a_collection_is_asked_by_its_name_and_the_page_without_one(app, made):
    made("wells", "The well was dug in 1699 by Olga Petrova.")
    said = asked(app, "Who dug the well in 1699?", collection="wells").json()
    assert [one["document"] for one in said["citations"]] == ["note.txt"]
    assert {one["document"] for one in asked(app, ASKED).json()["citations"]} <= CORPUS.keys()
    assert sent(app, "GET", "documents/note.txt", params={"collection": "wells"}).text.startswith("The well")
    assert sent(app, "GET", "documents/note.txt").status_code == 404


def test_a_collection_that_was_built_anew_is_asked_anew(app, made):
    made("wells", "The well was dug in 1699 by Olga Petrova.")
    first = asked(app, "Who dug the well?", collection="wells").json()
    made("wells", "The well was dug in 1701 by Kurt Weber.")
    second = asked(app, "Who dug the well?", collection="wells").json()
    assert ("1699" in str(first["citations"]), "1701" in str(second["citations"])) == (True, True)
    assert first["generation"] != second["generation"]


def test_a_collection_stays_open_while_few_others_are_asked(service, made):
    for number in range(5):
        made(f"c{number}", f"Well {number} was dug in 170{number}.")
    opened = [service.qa(f"c{number}") for number in range(4)]
    assert [service.qa(f"c{number}") for number in range(4)] == opened
    assert all(service.qa(f"c{number}") is one for number, one in enumerate(opened))
    service.qa("c4")
    assert service.qa("c3") is opened[3]
    assert service.qa("c0") is not opened[0]


def test_only_what_is_built_is_listed_and_asked(app, library, made):
    made("wells", "The well was dug in 1699.")
    library.create("not built")
    names = [one["id"] for one in sent(app, "GET", "models").json()["data"]]
    assert names == ["partnership-qa", "partnership-qa/wells"]
    error = asked(app, "Who?", collection="not built")
    assert (error.status_code, error.json()["error"]["type"]) == (404, "unknown_collection")


def test_an_annotation_leads_to_its_document_whatever_that_is_called(app, made):
    document = "a note #1, 100%?.txt"
    made("wells 2. of-May", "The well was dug in 1699 by Olga Petrova.", document)
    chat = {
        "model": "partnership-qa/wells 2. of-May",
        "messages": [{"role": "user", "content": "Who dug the well in 1699?"}],
    }
    message = sent(app, "POST", "chat/completions", json=chat).json()["choices"][0]["message"]
    url = message["annotations"][0]["url_citation"]["url"]
    address, _, place = url.partition("#char=")
    start, end = map(int, place.split(","))
    assert address.startswith("http://localhost/v1/documents/")
    text = sent(app, "GET", address).text
    assert text == "The well was dug in 1699 by Olga Petrova."
    assert message["content"] in text[start:end]
