"""Every hit and citation carries the same keys, and its offsets are those of the source."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from fakes import CORPUS

from partnership_qa.integrations.metadata import Metadata, citation_metadata, hit_metadata

if TYPE_CHECKING:
    from partnership_qa.qa import QA

KEYS = ["document", "start", "end", "line", "page", "section", "sha256", "generation", "score", "similarity", "lexical"]


def test_a_hit_says_where_it_stands_and_how_it_was_found(qa: QA) -> None:
    hit = qa.search("Who kept the light from 1901?", k=1)[0]
    said = hit_metadata(hit, qa.index)
    text = CORPUS[said["document"]]
    assert list(said) == KEYS == list(Metadata.__annotations__)
    assert text[said["start"] : said["end"]] == hit.passage.text
    assert said["line"] == text.count("\n", 0, said["start"]) + 1
    assert said["section"] == ["The Lighthouse Ledger", "Keepers and their years"]
    assert said["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert said["generation"] == qa.index.generation.name
    assert (said["score"], said["similarity"]) == (round(hit.score, 6), round(hit.similarity, 6))
    assert said["lexical"] is not None
    assert said["lexical"] > 0
    assert json.loads(json.dumps(said)) == said


def test_a_hit_without_a_common_word_has_no_lexical_score(qa: QA) -> None:
    hit = replace(qa.search("harbour", k=1)[0], lexical=None)
    assert hit_metadata(hit, qa.index)["lexical"] is None


def test_a_quote_has_the_scores_of_the_passage_it_stands_in(qa: QA) -> None:
    trace = qa.trace("When was the harbour dug by Ingrid Holm?")
    cited = trace.outcome.citations[0]
    said = citation_metadata(cited, qa.index, trace.hits)
    holding = next(
        hit for hit in trace.hits
        if hit.passage.document == "harbour.md" and hit.passage.start <= cited.start < hit.passage.end
    )  # fmt: skip
    assert list(said) == KEYS
    assert CORPUS[said["document"]][said["start"] : said["end"]] == cited.quote
    assert said["score"] == round(holding.score, 6)
    assert said["similarity"] == round(holding.similarity, 6)
    assert said["lexical"] == round(holding.lexical or 0.0, 6)


def test_a_quote_amid_a_passage_has_the_scores_of_that_passage_and_of_no_other(qa: QA) -> None:
    trace = qa.trace("Which things are forbidden on the quay?")
    last = trace.outcome.citations[2]
    # All passages of its document are found, that of its list among them.
    hits = [hit for hit in qa.search("harbour quay fee", k=7) if hit.passage.document == last.document]
    (holding,) = [hit for hit in hits if last.quote in hit.passage.text]
    assert len(hits) == 3
    assert holding.passage.start < last.start
    for order in (hits, hits[::-1]):
        assert citation_metadata(last, qa.index, order)["score"] == round(holding.score, 6)


def test_a_quote_that_was_not_searched_for_has_no_scores(qa: QA) -> None:
    cited = qa.answer("When was the harbour dug by Ingrid Holm?").citations[0]
    said = citation_metadata(cited, qa.index)
    assert list(said) == KEYS
    assert said["score"] is said["similarity"] is said["lexical"] is None
