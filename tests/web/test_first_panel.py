"""What stands beside a conversation before its first answer: something to read, never a half of the page left empty."""

from __future__ import annotations

import pytest
from markup import Reader

from partnership_qa.index import build, open_index
from partnership_qa.qa import QA
from partnership_qa.web.desk import Desk
from partnership_qa.web.html import panels
from partnership_qa.web.html.panels import first_panel
from partnership_qa.web.talk import Talk


@pytest.fixture
def built(tmp_path, encoder):
    """An index over the texts that are given by their names."""

    def build_of(texts):
        folder = tmp_path / "texts"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
        build(folder, tmp_path / "index", encoder)
        return open_index(tmp_path / "index")

    return build_of


def test_the_only_document_is_there_to_read(built):
    html = first_panel(built({"fees.txt": "A Dinghy costs 40 crowns a day."}))
    assert "A Dinghy costs 40 crowns a day." in Reader(html).text
    assert "Press the number of a quote" in Reader(html).text


def test_the_only_document_is_named_where_it_is_long(built):
    html = first_panel(built({"fees.txt": "A Dinghy costs 40 crowns a day. " * 4000}))
    assert "data-cite='doc:fees.txt'" in html
    assert len(html) < 1500


def test_of_several_documents_each_can_be_opened(built):
    html = first_panel(built({"fees.txt": "A Dinghy costs 40 crowns.", "pier.txt": "The pier is long.\n\nIt is old."}))
    for name in ("fees.txt", "pier.txt"):
        assert f"data-cite='doc:{name}'" in html


def test_each_document_is_shown_with_what_it_is_about(built):
    texts = {
        "fees.md": "# Fees of the quay\n\nA Dinghy costs 40 crowns.",
        "pier.txt": "The *pier* is long.\n\nIt is old.",
    }
    index = built(texts)
    text = Reader(first_panel(index)).text
    assert "fees.md Fees of the quay 1 passage" in " ".join(text.split())
    assert "pier.txt The *pier* is long." in " ".join(text.split())


def test_of_many_documents_what_the_last_are_about_is_not_read(built, monkeypatch):
    monkeypatch.setattr(panels, "_FIRST_ABOUT", 2)
    text = Reader(first_panel(built({f"{n}.txt": f"Text number {n}." for n in range(4)}))).text
    assert "Text number 1." in text
    assert "3.txt" in text
    assert "Text number 2." not in text


def test_cells_of_a_first_row_are_set_apart_by_commas(built):
    text = Reader(first_panel(built({"a.txt": "One.", "boats.csv": "Boat,Fee\nDinghy,3\nCutter,12\n"}))).text
    assert "Boat, Fee" in text


def test_of_very_many_documents_the_first_are_named_and_the_others_counted(built, monkeypatch):
    monkeypatch.setattr(panels, "_FIRST_NAMED", 2)
    html = first_panel(built({f"{n}.txt": f"Text number {n}." for n in range(5)}))
    assert html.count("data-cite=") == 2
    assert "3 documents more" in Reader(html).text


def test_names_of_documents_do_nothing(built):
    html = first_panel(built({"a.txt": "One.", "<b onclick=x>.txt": "Two."}))
    assert "<b onclick" not in html


def test_an_index_that_changed_is_shown_where_nothing_has_been_asked(built, qa):
    index = built({"fees.txt": "A Dinghy costs 40 crowns a day."})
    desk = Desk(index, lambda made: QA.assemble(made, qa.encoder, qa.reader, qa.calibration))
    talk, turn = Talk(desk), desk.ask("What does a Dinghy cost?")
    assert talk.first([], "", "") == first_panel(index)
    assert talk.first([turn], "", "") != first_panel(index), "an answer's source stays"
    assert talk.first([], "What?", "") != first_panel(index), "what is being answered shows its source soon"
    assert talk.first([], "", "doc:fees.txt#1") != first_panel(index), "a document that was opened stays"
