"""What a notebook shows of results, through IPython's own formatter: all of it, escaped, and nothing that runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from markup import PAYLOADS, Reader

from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, NoAnswer, Reason
from partnership_qa.chunking import Passage
from partnership_qa.index import BuildReport, build
from partnership_qa.retrieval import Hit
from partnership_qa.sources import Skipped
from partnership_qa.text import Span

if TYPE_CHECKING:
    from pathlib import Path

    from fakes import FakeEncoder

    from partnership_qa.qa import QA

QUESTION = "Who kept the light from 1901?"
TAGS = {"div", "p", "blockquote", "footer", "mark", "bdi", "table", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"class", "style", "dir", "scope"}


try:
    from IPython.core.formatters import HTMLFormatter
except ImportError:  # what IPython's formatter does with an object that has the method

    def HTMLFormatter() -> Any:  # noqa: N802
        return lambda result: result._repr_html_()


def shown(result: Any) -> str:
    html = HTMLFormatter()(result)
    assert isinstance(html, str)
    return html


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_an_answer_shows_its_words_its_confidence_and_every_quote(qa: QA) -> None:
    answer = qa.answer("Which things are forbidden on the quay?")
    assert isinstance(answer, Answer)
    html = shown(answer)
    assert "Lighting a fire.\nSelling fish after noon." in html
    assert f"confidence {answer.confidence:.2f} (All 3 items under “Rules of the quay”" in html
    assert re.findall(r"\[(\d)\] <bdi>harbour.md</bdi>, <bdi>line (\d+)", html) == [
        ("1", "18"),
        ("2", "19"),
        ("3", "20"),
    ]
    assert html.count("<mark") == 3


def test_only_the_words_that_answer_are_marked() -> None:
    cited = Citation("a.txt", 10, 20, "0123456789", (Span(12, 14), Span(16, 17)), 2, 3, ("A", "B"), "")
    html = shown(cited)
    assert re.sub(r"<mark[^>]*>", "<", html).replace("</mark>", ">").count("01<23>45<6>789") == 1
    assert words(html).endswith("a.txt , page 3 › A › B")


def test_a_refusal_claims_nothing(qa: QA) -> None:
    html = shown(qa.answer("What is the capital of France?"))
    assert "Not in the text:" in html
    assert "<mark" not in html
    assert "<blockquote" not in html
    doubtful = qa.answer(QUESTION, no_answer_threshold=1.0)
    assert isinstance(doubtful, NoAnswer)
    assert "The closest passages (no answer is claimed):" in shown(doubtful)
    assert shown(doubtful).count("<blockquote") == len(doubtful.candidates)


def test_a_hit_shows_its_passage_and_scores(qa: QA) -> None:
    hit = qa.search("lantern", k=1)[0]
    html = words(shown(hit))
    assert "Mooring without a lantern." in html
    assert f"score {hit.score:.3f}, similarity {hit.similarity:.3f}, BM25 {hit.lexical:.2f}" in html


def test_a_build_shows_what_it_did(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    (corpus / "bad.txt").write_bytes(b"\0\0\0")
    html = words(shown(build(corpus, root, encoder)))
    assert "added 3: harbour.md, ledger.txt, letters/june.txt" in html
    assert "left out 1: bad.txt (" in html


def everything(payload: str) -> list[Any]:
    flat = payload.replace("\n", " ")
    cited = Citation(flat, 0, len(flat), flat, (Span(0, len(flat)),), 1, None, (flat,), flat, place=flat)
    hit = Hit(Passage(flat, 0, len(flat), flat, (flat,), 1, ()), 0, 1.0, 1.0, None)
    return [
        Answer(flat, flat, flat, 0.9, (cited,), flat),
        NoAnswer(flat, flat, flat, 0.1, Reason.DOUBTFUL, (hit,), (flat,), (cited,)),
        cited,
        hit,
        BuildReport((flat,), (flat,), (), (), (Skipped(flat, flat),), ((flat, flat),), 1, 1, 0, flat, flat, {}),
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_is_text(payload: str) -> None:
    for result in everything(payload):
        html = shown(result)
        seen = Reader(html)
        assert set(seen.tags) <= TAGS, type(result)
        assert {name for name, _ in seen.attributes} <= ATTRIBUTES, type(result)
        assert payload.replace("\n", " ") in seen.text
        # Formulas are not typeset: MathJax could make a link of one.
        assert html.startswith('<div class="tex2jax_ignore mathjax_ignore"')
        assert "url(" not in "".join(value or "" for _, value in seen.attributes)
