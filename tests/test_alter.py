"""Altered training texts: whatever is exchanged, left out or put between, the answer's offsets hold its words."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "training"))

from alter import Names, exchange, gathered, recast, slip
from passages import Passage, Question
from render import like

TEXT = "Anna Berg founded the works in 1901. It stood in Oslo. Its owner sold the works in 1923 to Nils Holm."
SENTENCES = [(0, 36), (37, 54), (55, 101)]
OWN = Passage("squad", "Works", TEXT, SENTENCES)
OTHER = "The old works burnt down. Nobody founded the mill in Rome."
WRONG = Passage("squad", "Mill", OTHER, [(0, 25), (26, 58)])
ANSWER = TEXT.index("1923")
ASKED = Question("q", "squad", "When did the owner sell the works?", 0, ANSWER, ANSWER + 4, ["1923"])


def test_words_are_exchanged_and_offsets_follow() -> None:
    text, (start, end) = exchange(TEXT, {"anna": "Wilhelmina", "1923": "1877"}, (ANSWER, ANSWER + 4))
    assert text.startswith("Wilhelmina Berg")
    assert text[start:end] == "1877"


def test_names_are_exchanged_for_names_of_their_kind() -> None:
    people = [Question("a", "squad", "Who founded it?", 0, 0, 9, [name]) for name in ("Anna Berg", "Nils Holm")]
    places = [Question("b", "squad", "Where did it stand?", 0, 0, 4, [name]) for name in ("Oslo", "Rome")]
    names = Names([OWN], people + places)
    changed = names.others(TEXT, 1.0, random.Random(1))
    assert changed["oslo"] in {"Oslo", "Rome"}
    assert changed["anna"] in {"Anna", "Berg", "Nils", "Holm"}
    assert "works" not in changed


def test_a_word_that_texts_write_small_is_no_name() -> None:
    passages = [Passage("squad", "", f"the berg of ice {n}", [(0, 16)]) for n in range(2)]
    names = Names(passages, [Question("a", "squad", "Who founded it?", 0, 0, 9, ["Anna Berg"])])
    assert names.words["person"] == ["Anna"]


def test_years_of_a_text_keep_their_distance() -> None:
    changed = Names([], []).others(TEXT, 1.0, random.Random(2))
    assert int(changed["1923"]) - int(changed["1901"]) == 22
    assert changed["1923"] != "1923"


@pytest.mark.parametrize("make", [recast, gathered])
@pytest.mark.parametrize("seed", range(30))
def test_a_passage_made_anew_holds_the_answer_at_its_offsets(make, seed: int) -> None:
    made, start, end = make(OWN, ANSWER, ANSWER + 4, ASKED, [WRONG], like, random.Random(seed))
    assert made.text[start:end] == "1923"
    assert any("1923" in made.text[a:b] for a, b in made.sentences)
    assert all(made.text[a:b] in TEXT + OTHER for a, b in made.sentences)


def test_a_passage_without_an_answer_keeps_all_its_sentences() -> None:
    made, start, end = recast(OWN, -1, -1, ASKED, [], like, random.Random(3))
    assert (made.text, start, end) == (TEXT, -1, -1)


def test_a_sentence_that_holds_the_answer_is_not_put_between() -> None:
    same = Passage("squad", "", "The owner sold the works in 1923.", [(0, 33)])
    made = [recast(OWN, ANSWER, ANSWER + 4, ASKED, [same], like, random.Random(seed))[0] for seed in range(20)]
    assert all(passage.text.count("1923") == 1 for passage in made)


def test_a_slip_of_the_pen_changes_one_letter_or_takes_the_mark() -> None:
    asked = "When did the owner sell the machines?"
    slips = {slip(asked, random.Random(seed)) for seed in range(40)}
    assert asked.rstrip("?") in slips
    assert len(slips) > 10
    assert all(abs(len(text) - len(asked)) <= 1 for text in slips)
