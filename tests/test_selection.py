"""Asking within chosen documents: what a pattern chooses, and that nothing outside of it is found, said or counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import qa_of
from hypothesis import given, settings
from hypothesis import strategies as st

from partnership_qa import retrieval
from partnership_qa.answering.outcome import NoAnswer, Reason
from partnership_qa.errors import QuestionError, UnknownDocumentError
from partnership_qa.index import dense
from partnership_qa.index.dense import DenseIndex
from partnership_qa.qa import QA
from partnership_qa.retrieval import DENSE_WEIGHT, query_of, search
from partnership_qa.selection import MAX_GLOBS, Catalogue

if TYPE_CHECKING:
    from partnership_qa.index import Index

NAMES = [
    "contracts/2023/lease.pdf.txt", "contracts/2023/loan.txt", "contracts/sale [final].md", "letters/june.txt",
    "letters/loan.txt", "readme.md",
]  # fmt: skip
SUBJECTS = ["harbour", "lantern", "barrel", "keeper", "engine", "quay"]


def text_of(name: str) -> str:
    """A heading, two sentences and a list that name the file's own subject, and one that all files share."""
    subject = SUBJECTS[NAMES.index(name)]
    items = "".join(f"- Painting the {subject} of dock {n}.\n" for n in range(4))
    return (
        f"# The {subject}\n\nThe {subject} was built in 18{60 + NAMES.index(name)} by Anna Berg. "
        f"Nobody paints the {subject}.\n\nFour things are forbidden at the {subject}:\n\n{items}\n"
        f"# Fees of the {subject}\n\nEvery boat pays the keeper of the {subject} twelve kronor a year.\n"
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> QA:
    """Six files in three folders."""
    return qa_of(tmp_path_factory.mktemp("many"), {name: text_of(name) for name in NAMES})


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("readme.md", ["readme.md"]),
        ("./readme.md", ["readme.md"]),
        ("letters", ["letters/june.txt", "letters/loan.txt"]),
        ("letters/", ["letters/june.txt", "letters/loan.txt"]),
        ("contracts/", NAMES[:3]),
        ("contracts/*", NAMES[:3]),
        ("contracts/*/", NAMES[:2]),
        ("contracts/*.txt", []),
        ("contracts/**/*.txt", NAMES[:2]),
        ("**/2023", NAMES[:2]),
        ("2023", NAMES[:2]),
        ("2023/", NAMES[:2]),
        ("*.md", ["contracts/sale [final].md", "readme.md"]),
        ("loan.txt", ["contracts/2023/loan.txt", "letters/loan.txt"]),
        ("contracts/sale [final].md", ["contracts/sale [final].md"]),
        ("sale [[]final].md", ["contracts/sale [final].md"]),
        ("l*/j?ne.txt", ["letters/june.txt"]),
        ("*", NAMES),
        ("**", NAMES),
        ("Readme.md", []),
        ("letters/*/", []),
        ("/readme.md", []),
    ],
)
def test_a_pattern_chooses(many: QA, pattern: str, chosen: list[str]) -> None:
    if chosen:
        assert list(many.catalogue.select([pattern]).documents) == chosen
    else:
        with pytest.raises(UnknownDocumentError):
            many.catalogue.select([pattern])


def test_several_patterns_choose_what_each_of_them_does_in_the_order_of_the_index(many: QA) -> None:
    selection = many.catalogue.select(["readme.md", "letters/", "june.txt", "letters/"])
    assert selection.documents == ("letters/june.txt", "letters/loan.txt", "readme.md")
    assert selection.patterns == ("readme.md", "letters/", "june.txt")


def test_the_numbers_are_those_of_the_passages_of_the_documents(many: QA) -> None:
    selection = many.catalogue.select(["letters/", "readme.md"])
    expected = [n for n, p in enumerate(many.index.passages) if p.document.startswith(("letters/", "readme"))]
    assert selection.numbers.tolist() == expected
    assert np.flatnonzero(selection.mask).tolist() == expected


def test_a_selection_is_made_once(many: QA) -> None:
    assert many.catalogue.select(["letters/"]) is many.catalogue.select(("letters/",))


def test_what_was_chosen_cannot_be_changed(many: QA) -> None:
    chosen = many.catalogue.select(["letters/"])
    with pytest.raises(ValueError, match="read-only"):
        chosen.numbers[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        chosen.mask[0] = True


@pytest.mark.parametrize(
    ("pattern", "near"),
    [
        ("leters/june.txt", "letters/june.txt"), ("READme.md", "readme.md"), ("June.TXT", "letters/june.txt"),
        ("contract/", "contracts/"), ("lone.txt", "contracts/2023/loan.txt"), ("zzzzzzzzzzz", None),
    ],
)  # fmt: skip
def test_a_pattern_without_a_document_names_those_near_it(many: QA, pattern: str, near: str | None) -> None:
    with pytest.raises(UnknownDocumentError, match="No document or folder of the index is called") as raised:
        many.catalogue.select(["readme.md", pattern])
    assert raised.value.pattern == pattern
    assert raised.value.near[:1] == ((near,) if near else ())
    assert ("Near it are: " in str(raised.value)) == bool(near)


@pytest.mark.parametrize(
    ("patterns", "what"),
    [
        ("readme.md", "no list of texts"), ([1], "no list of texts"), ([""], "has no name"), (["/"], "has no name"),
        (["x" * 1001], "at most 1,000 characters"), ([f"*{n}" for n in range(MAX_GLOBS + 1)], "More than 50 patterns"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_patterns_is_said(many: QA, patterns: list[str], what: str) -> None:
    with pytest.raises(QuestionError, match=what):
        many.answer("Who?", documents=patterns)


def test_a_pattern_made_to_take_long_does_not() -> None:
    nothing = SimpleNamespace(generation=SimpleNamespace(manifest=SimpleNamespace(sources=())))
    catalogue = Catalogue(nothing)  # type: ignore[arg-type]
    catalogue._parts = {"/".join("a" * 60): tuple("a" * 60)}
    with pytest.raises(UnknownDocumentError):
        catalogue.select(["/".join(["**", "a*a*a*"] * 60)])


def slow_hits(index: Index, query: retrieval.Query, k: int, chosen: set[str], pool: int) -> list[tuple[int, float]]:
    """The obvious way: every passage is scored, those of other documents are dropped, then the rest is ranked."""
    numbers = [n for n, passage in enumerate(index.passages) if passage.document in chosen]
    cosine = {n: float(index.dense.vectors(np.array([n]))[0] @ query.vector) for n in numbers}
    bm25 = dict(zip(numbers, map(float, index.lexical.scores(query.text, np.array(numbers))), strict=True))
    near = sorted(numbers, key=lambda n: (-cosine[n], n))[:pool]
    worded = [n for n in sorted(numbers, key=lambda n: (-bm25[n], n))[:pool] if bm25[n] > 0]
    pooled = sorted({*near, *worded})

    def scaled(values: dict[int, float]) -> dict[int, float]:
        low, high = min(values[n] for n in pooled), max(values[n] for n in pooled)
        return {n: (values[n] - low) / (high - low) if high - low > 1e-6 else float(high > 0) for n in pooled}

    one, two = scaled(cosine), scaled(bm25)
    fused = {n: DENSE_WEIGHT * one[n] + (1 - DENSE_WEIGHT) * two[n] for n in pooled}
    return [(n, fused[n]) for n in sorted(pooled, key=lambda n: (-fused[n], n))[:k]]


@settings(max_examples=60)
@given(
    chosen=st.sets(st.sampled_from(NAMES), min_size=1),
    words=st.lists(st.sampled_from([*SUBJECTS, "Anna", "forbidden", "boat", "zebra"]), min_size=1, max_size=4),
    k=st.integers(1, 8),
)
def test_a_search_within_equals_a_ranking_of_the_chosen_passages_alone(
    many: QA, chosen: set[str], words: list[str], k: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "POOL", 4)
        query = query_of(many.encoder, " ".join(words))
        hits = search(many.index, query, k, within=many.catalogue.select(sorted(chosen)))
        expected = slow_hits(many.index, query, k, chosen, max(k, 4))
    assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected], abs=1e-5)
    assert {hit.number for hit in hits if hit.score > expected[-1][1] + 1e-5} <= {number for number, _ in expected}


def test_all_documents_chosen_give_the_hits_of_none_chosen(many: QA) -> None:
    asked = "Who built the lantern?"
    assert many.search(asked, k=6, documents=["*"]) == many.search(asked, k=6)


def test_a_search_of_words_stays_within_the_chosen_documents(many: QA) -> None:
    hits = many.search("the lantern", k=6, documents=["letters/"])
    assert {hit.passage.document for hit in hits} == {"letters/june.txt", "letters/loan.txt"}


@pytest.mark.parametrize("few", [0, 1000])
def test_the_nearest_vectors_among_some_are_those_that_sorting_gives(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_FEW", few)
    chance = np.random.default_rng(0)
    vectors = chance.standard_normal((300, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = DenseIndex(vectors)
    for count in (1, 7, 150, 300):
        among = np.sort(chance.choice(300, count, replace=False)).astype(np.int64)
        numbers, similarities = index.search(vectors[5], 10, among)
        expected = among[np.argsort(-(vectors[among] @ vectors[5]), kind="stable")][:10]
        assert numbers.tolist() == expected.tolist()
        assert similarities == pytest.approx(vectors[expected] @ vectors[5], abs=1e-6)


QUESTIONS = st.one_of(
    st.builds("Who built the {}?".format, st.sampled_from(SUBJECTS)),
    st.builds("What things are forbidden at the {}?".format, st.sampled_from(SUBJECTS)),
    st.builds("What does every boat pay the keeper of the {} and who built the {}?".format,
              st.sampled_from(SUBJECTS), st.sampled_from(SUBJECTS)),
    st.just("What is this about?"), st.just("And the other one?"),
)  # fmt: skip
SAID = st.builds("The {} was built by Anna Berg.".format, st.sampled_from(SUBJECTS))


@settings(max_examples=80)
@given(question=QUESTIONS, said=SAID, chosen=st.sets(st.sampled_from(NAMES), min_size=1, max_size=4))
def test_nothing_outside_the_chosen_documents_is_quoted_or_shown(
    many: QA, question: str, said: str, chosen: set[str]
) -> None:
    history = [{"role": "user", "content": "Who built it?"}, {"role": "assistant", "content": said}]
    trace = many.trace(question, history=history, documents=sorted(chosen), no_answer_threshold=0.3)
    outcome = trace.outcome
    seen = {hit.passage.document for hit in trace.hits} | {cited.document for cited in outcome.citations}
    if isinstance(outcome, NoAnswer):
        seen |= {hit.passage.document for hit in outcome.nearest} | {cited.document for cited in outcome.candidates}
    assert seen <= chosen
    if isinstance(outcome, NoAnswer) and outcome.reason is Reason.NO_QUESTION:
        others = [SUBJECTS[NAMES.index(name)] for name in NAMES if name not in chosen]
        assert not [word for word in others if word in outcome.text]


def test_a_list_within_a_document_is_given_whole(many: QA) -> None:
    result = many.answer("What things are forbidden at the quay?", documents=["readme.md"])
    assert [cited.quote for cited in result.citations] == [f"- Painting the quay of dock {n}." for n in range(4)]


def test_a_refusal_says_where_was_searched(many: QA) -> None:
    result = many.answer("Who built the lantern?", documents=["letters/", "readme.md"], no_answer_threshold=1.0)
    assert not result.answered
    assert result.text.endswith(" Searched only within “letters/”, “readme.md” (3 of 6 documents).")
    assert "Searched" not in many.answer("Who built the zebra?", no_answer_threshold=1.0).text


def test_of_many_patterns_three_are_named(many: QA) -> None:
    sentence = many.catalogue.select(NAMES[:5]).sentence
    assert sentence.endswith("“contracts/sale [final].md” and 2 more (5 of 6 documents).")


def test_a_word_that_only_other_documents_hold_is_unknown_within(many: QA) -> None:
    asked = "How tall is the lantern?"
    within = many.answer(asked, documents=["readme.md"], no_answer_threshold=1.0)
    everywhere = many.answer(asked, no_answer_threshold=1.0)
    assert isinstance(within, NoAnswer)
    assert isinstance(everywhere, NoAnswer)
    assert (within.unknown_words, everywhere.unknown_words) == (("tall", "lantern"), ("tall",))


def test_the_next_question_is_asked_of_all_again(many: QA) -> None:
    asked = "Who built the lantern in 1861?"
    many.answer(asked, documents=["readme.md"])
    assert [cited.document for cited in many.answer(asked).citations] == ["contracts/2023/loan.txt"]
