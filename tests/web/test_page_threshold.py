"""The page declines below the threshold that `serve` was given, or that the risk card of its index sets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import CORPUS, FakeEncoder

from partnership_qa.answering.confidence import load_calibration
from partnership_qa.errors import CorpusIndexError
from partnership_qa.evaluation import card as cards
from partnership_qa.evaluation.risk import Asked
from partnership_qa.index import build, open_index
from partnership_qa.qa import QA
from partnership_qa.web.desk import Desk
from partnership_qa.web.talk import Talk

DUG = "When was the harbour dug?"


def keep_card(index, sure=0.9):
    asked = [Asked("row", sure, True)] * 60 + [Asked("row", 0.3, False)] * 40
    card = cards.card_of(asked, 0.3, digest=index.generation.manifest.digest)
    cards.keep(card, index.root)
    return card.threshold


def desk_of(qa, threshold):
    return Desk(qa.index, lambda _: qa, threshold=threshold)


def test_a_number_is_used_and_shown(qa):
    desk = desk_of(qa, 0.61)
    assert desk.qa().calibration.threshold == desk.threshold_shown == 0.61


def test_without_one_the_calibration_is_left_alone(qa):
    desk = desk_of(qa, None)
    assert desk.qa().calibration == qa.calibration
    assert desk.threshold_shown == round(load_calibration().threshold, 2)


def test_the_card_sets_it_and_only_that(qa):
    threshold = keep_card(qa.index)
    desk = desk_of(qa, "card")
    assert desk.qa().calibration == replace(qa.calibration, threshold=threshold)
    assert desk.threshold_shown == round(threshold, 2) != round(load_calibration().threshold, 2)


def test_without_a_card_nothing_is_opened(qa):
    with pytest.raises(CorpusIndexError, match="has no risk card"):
        desk_of(qa, "card")


def test_a_version_without_a_card_keeps_the_threshold_and_takes_its_own_once_it_has_one(qa, corpus):
    threshold = keep_card(qa.index)
    desk = desk_of(qa, "card")
    assert desk.qa().calibration.threshold == threshold
    (corpus / "new.md").write_text(CORPUS["harbour.md"], "utf-8")
    build(corpus, qa.index.root, FakeEncoder())
    assert desk.qa(newest=True).index.generation.name != qa.index.generation.name
    assert desk.qa().calibration.threshold == threshold
    (corpus / "newer.md").write_text(CORPUS["harbour.md"], "utf-8")
    build(corpus, qa.index.root, FakeEncoder())
    own = keep_card(open_index(qa.index.root), sure=0.7)
    assert own == pytest.approx(desk.qa(newest=True).calibration.threshold)


def test_a_question_at_the_untouched_slider_is_held_against_the_card(qa):
    asked = []

    class Listening(QA):
        def steps(self, question, **options):
            if question == DUG:  # the page tries its examples too
                asked.append(options["no_answer_threshold"])
            return super().steps(question, **options)

    keep_card(qa.index)
    heard = Listening(qa.index, qa.encoder, qa.reader, qa.calibration, qa.structure)
    desk = desk_of(heard, "card")
    talk = Talk(desk)
    for at in (desk.threshold_shown, 0.77):
        list(talk.respond(DUG, [], 4, at))
    assert asked == [None, 0.77]
