"""A small run of `benchmarks/verify.py`: files edited at random and answers forged, and what is told of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from fakes import CORPUS

from partnership_qa.proof import State
from partnership_qa.proof.corpus import Files

BENCH = Path(__file__).parents[2] / "benchmarks" / "verify.py"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench_verify", BENCH)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH.parent)  # it imports `forging.py` beside it
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scenes():
    files = {name: text.encode("utf-8") for name, text in CORPUS.items()}
    quotes = [
        (name, line.strip()) for name, text in CORPUS.items() for line in text.split("\n")
        if len(line.split()) > 3 and not line.startswith(("#", "|--"))
    ]  # fmt: skip
    with Files(files) as read:
        starts = [(name, CORPUS[name].index(quote), len(quote)) for name, quote in quotes]
        return [(read.proof(name, start, start + length), files) for name, start, length in starts]


def test_no_edit_is_told_to_leave_a_quote_intact_that_it_did_not(bench, scenes):
    once, often = bench.run(scenes, 190, seed=5)
    assert bench.wrong_intact(once) == bench.wrong_intact(often) == 0
    pairs = [pair for counts in once.values() for pair in counts.elements()]
    assert {truth for truth, _ in pairs} == set(State) - {
        State.UNSUPPORTED
    }  # no edit of a file makes an answer say more
    assert sum(truth is said for truth, said in pairs) >= 0.97 * len(pairs)


def test_every_forgery_of_an_answer_is_told(bench, qa, corpus):
    asked = (
        "What things are forbidden on the quay?", "How many barrels in 1890 and in 1895?", "Any zebras?", "hello",
        "When was the harbour dug?", "What is the fee of a Dinghy?", "How many barrels in 1890 and in 2044?",
    )  # fmt: skip
    given = [{"set": "one"} | qa.answer(question).to_dict() for question in asked]
    counts = bench.forgeries(given, {"one": bench.corpus_of(corpus)}, seed=3)
    assert {name: unseen for name, (_, unseen) in counts.items() if unseen} == {}
    assert [name for name, (made, _) in counts.items() if not made] == ["refusal_written_beside_candidates"]
