"""Questions to begin with: such as a person would ask, and about as many documents as there are."""

from __future__ import annotations

import pytest

from partnership_qa.index import build, open_index
from partnership_qa.web.examples import candidates


@pytest.fixture
def suggested(tmp_path, encoder):
    """What an index over the texts that are given by their names suggests to ask."""

    def suggested_by(**texts):
        folder = tmp_path / "texts"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.md").write_text(text, "utf-8")
        build(folder, tmp_path / "index", encoder)
        return candidates(open_index(tmp_path / "index"))

    return suggested_by


def table(*rows):
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


def test_the_following_are_asked_for_by_which(suggested):
    assert suggested(a="The following costs are refunded:\n\n- tickets\n- hotels\n") == ["Which costs are refunded?"]


def test_a_column_is_asked_for_without_its_unit(suggested):
    found = suggested(a=table(["Berth", "Depth (m)"], ["East quay 1", "9.5"], ["East quay 2", "8.1"]))
    assert found == ["What is the depth of East quay 1?", "What is the depth of East quay 2?"]


def test_a_column_that_is_a_year_is_passed_over_for_one_with_a_name(suggested):
    found = suggested(a=table(["Post", "2023", "Share"], ["Rents", "6,310", "24%"], ["Fees", "18,420", "71%"]))
    assert found == ["What is the share of Rents?", "What is the share of Fees?"]


def test_the_year_before_an_event_is_no_part_of_its_name(suggested):
    found = suggested(a=table(["Milestone", "Impact"], ["2021: Launch", "New tools"], ["2020: Start", "None"]))
    assert found[0] == "What is the impact of Launch?"


def test_a_name_of_many_words_is_set_apart(suggested):
    found = suggested(a=table(["Service", "Price"], ["Tug, up to 2,000 hp", "640"], ["Pilot", "385"]))
    assert found == ["What is the price of “Tug, up to 2,000 hp”?", "What is the price of Pilot?"]


def test_another_document_comes_before_a_second_question_on_one(suggested):
    rows = [["Berth", "Depth"], ["East quay", "9.5"], ["West quay", "8.1"]]
    found = suggested(a=table(*rows), b="# Leave\n\n## Annual leave\n\nIt is 28 days.\n\n## Sick leave\n\nA note.\n")
    assert found[:2] == ["What is the depth of East quay?", "What does the text say about annual leave?"]


def test_a_documents_title_is_asked_about_last(suggested):
    found = suggested(a="# Handbook\n\nFor all.\n\n## Annual leave\n\n28 days.\n\n## Sick leave\n\nA note.\n")
    questions = ["annual leave", "sick leave", "handbook"]  # where there is too little else, it comes last
    assert found == [f"What does the text say about {one}?" for one in questions]
