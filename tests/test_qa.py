"""The seams wired together, with fakes; and the same with the real encoder and reader."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader, qa_of

from partnership_qa import home
from partnership_qa.answering.confidence import LIST_FEATURES, Ranking
from partnership_qa.errors import IndexMismatchError, QuestionError
from partnership_qa.qa import PROPOSED_PASSAGES, QA, READ_PASSAGES
from partnership_qa.reading import Proposal
from partnership_qa.retrieval import CONTEXT_WEIGHT, DENSE_WEIGHT, Query, query_of, reordered, search

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from partnership_qa.chunking import Passage
    from partnership_qa.index import Index
    from partnership_qa.reading import Reading


def test_another_encoder_is_refused_by_name(index: Index) -> None:
    with pytest.raises(IndexMismatchError, match="built with the encoder fake"):
        QA.assemble(index, FakeEncoder("other-weights"), FakeReader(), FAKE_CALIBRATION)


def test_hits_agree_with_scores_worked_out_by_hand(qa: QA) -> None:
    query = "a lantern on the quay"
    hits = qa.search(query, k=3)
    vector = qa.encoder.encode([query])[0]
    matrix = np.array([qa.encoder.encode([p.indexed_text])[0] for p in qa.index.passages])
    similarities, bm25 = matrix @ vector, qa.index.lexical.scores(query, np.arange(len(matrix)))
    fused = [
        DENSE_WEIGHT * (s - similarities.min()) / np.ptp(similarities)
        + (1 - DENSE_WEIGHT) * (b - bm25.min()) / np.ptp(bm25)
        for s, b in zip(similarities, bm25, strict=True)
    ]
    order = sorted(range(len(fused)), key=lambda n: (-fused[n], n))[:3]
    assert [hit.number for hit in hits] == order
    assert [hit.score for hit in hits] == pytest.approx([fused[n] for n in order], abs=1e-5)
    assert [hit.similarity for hit in hits] == pytest.approx([similarities[n] for n in order], abs=1e-5)


def test_a_passage_without_a_word_in_common_has_no_lexical_score(qa: QA) -> None:
    hits = qa.search("lantern", k=len(qa.index.passages))
    assert [hit.lexical is None for hit in hits if "antern" not in hit.passage.text] == [True] * (len(hits) - 1)


@pytest.mark.parametrize(("query", "score"), [("cutter", 1.0), ("fog", DENSE_WEIGHT)])
def test_the_only_passage_of_an_index_is_the_best(tmp_path: Path, query: str, score: float) -> None:
    (hit,) = qa_of(tmp_path, {"a.txt": "The cutter carries lanterns."}).search(query)
    assert hit.score == pytest.approx(score)


def test_passages_that_are_the_same_are_equally_good(tmp_path: Path) -> None:
    hits = qa_of(tmp_path, {f"{name}.txt": "The cutter carries lanterns.\n" for name in "abcdefg"}).search(
        "cutter", k=7
    )
    assert [hit.passage.document for hit in hits] == [f"{name}.txt" for name in "abcdefg"]
    assert [hit.score for hit in hits] == pytest.approx([1.0] * 7)


def test_what_was_said_reorders_what_the_question_finds(qa: QA) -> None:
    query, said = "Who kept the light?", "How much paraffin did the light burn?"
    vector, context = (qa.encoder.encode([text])[0] for text in (query, said))
    count = len(qa.index.passages)
    matrix = np.array([qa.encoder.encode([p.indexed_text])[0] for p in qa.index.passages])

    def fused(vector: np.ndarray, text: str) -> np.ndarray:
        halves = (matrix @ vector, qa.index.lexical.scores(text, np.arange(len(matrix))))
        weights = (DENSE_WEIGHT, 1 - DENSE_WEIGHT)
        return sum(w * (h - h.min()) / np.ptp(h) if np.ptp(h) else 0 * h for w, h in zip(weights, halves, strict=True))

    expected = (fused(vector, query) + CONTEXT_WEIGHT * fused(context, said)) / (1 + CONTEXT_WEIGHT)
    hits = search(qa.index, Query(query, vector, (said, context)), count)
    assert {hit.number: hit.score for hit in hits} == pytest.approx(dict(enumerate(expected)), abs=1e-5)


class Listener(FakeReader):
    """Keeps what it was asked and what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, list[int]]] = []

    def read(self, question: str, passages: Sequence[Passage], proposals: Sequence[Proposal] = ()) -> list[Reading]:
        self.heard.append((question, [passage.start for passage in passages]))
        return super().read(question, passages, proposals)


class Quick(Listener):
    """Prefers passages that begin their document, at a quick look."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[int] = []

    def propose(self, question: str, passages: Sequence[Passage]) -> list[Proposal]:
        self.looks.append(len(passages))
        return [Proposal(-float(passage.start), 0.0) for passage in passages]


def test_what_a_quick_look_prefers_is_read(qa: QA) -> None:
    reader, asked = Quick(), "Who kept the light?"
    calibration = replace(FAKE_CALIBRATION, ranking=Ranking(proposed=1.0))
    replace(qa, reader=reader, calibration=calibration).answer(asked, k=2)
    found = qa.search(asked, k=READ_PASSAGES)
    ranked = reordered(found, [max(-8.0, -hit.passage.start) for hit in found], 1.0)
    assert reader.heard == [(asked, [hit.passage.start for hit in ranked[:2]])]
    assert reader.heard[0][1] != [hit.passage.start for hit in found[:2]]


def test_only_where_the_first_passages_leave_it_unsure_are_others_looked_at_and_read(qa: QA) -> None:
    asked, left = "Who kept the light?", min(PROPOSED_PASSAGES, len(qa.index.passages)) - READ_PASSAGES
    for bias, looks in ((9.0, [READ_PASSAGES]), (-30.0, [READ_PASSAGES, left])):
        reader = Quick()
        calibration = replace(FAKE_CALIBRATION, bias=bias, list_bias=-30.0, ranking=Ranking(proposed=1.0))
        trace = replace(qa, reader=reader, calibration=calibration).trace(asked, k=4)
        assert reader.looks == looks
        assert [len(given) for _, given in reader.heard if given] == [4, 2][: len(looks)]
        assert len(trace.parts[0].readings) == len(trace.parts[0].hits) == 4


@pytest.fixture
def rules(tmp_path: Path) -> QA:
    """Two documents: one has the words that are asked for, the other a list."""
    return qa_of(tmp_path, RULES)


RULES = {"a.md": "# Quay\n\n- No fire.\n- No light.\n", "b.md": "# Pier\n\nThe keeper keeps the light.\n"}


@pytest.mark.parametrize(("bias", "read"), [(9.0, ["b.md"]), (-30.0, ["b.md", "a.md"])])
def test_a_passage_with_a_list_is_read_where_the_others_leave_the_answer_unsure(
    rules: QA, bias: float, read: list[str]
) -> None:
    calibration = replace(FAKE_CALIBRATION, bias=bias, list_bias=-30.0)
    part = replace(rules, calibration=calibration).trace("Who keeps the light?", k=1).parts[0]
    assert [hit.passage.document for hit in part.hits] == read
    assert [bool(reading.spans) for reading in part.readings] == [True, False][: len(read)]


def test_a_list_that_is_no_near_passage_is_given_whole(rules: QA) -> None:
    sure = replace(FAKE_CALIBRATION, bias=-30.0, list_weights=(0.0,) * len(LIST_FEATURES), list_bias=3.0)
    answer = replace(rules, calibration=sure).answer("Who keeps the light?", k=1)
    assert answer.text.splitlines() == ["No fire.", "No light."]


def test_what_is_read_on_is_the_likeliest_of_all_that_was_not_read(qa: QA) -> None:
    reader, asked = Quick(), "Who kept the light?"
    calibration = replace(FAKE_CALIBRATION, bias=-30.0, list_bias=-30.0, ranking=Ranking(proposed=1.0))
    trace = replace(qa, reader=reader, calibration=calibration).trace(asked, k=4)
    found = qa.search(asked, k=PROPOSED_PASSAGES)
    read = reader.heard[0][1][:2]
    left = [hit for hit in found if hit.passage.start not in read]
    ranked = reordered(left, [max(-8.0, -hit.passage.start) for hit in left], 1.0)
    assert reader.heard[1] == (asked, [hit.passage.start for hit in ranked[:2]])
    assert [hit.passage.start for hit in trace.parts[0].hits] == [*read, *reader.heard[1][1]]


def test_hits_of_equal_score_keep_their_order(qa: QA) -> None:
    hits = qa.search("Who kept the light?", k=3)
    assert [hit.number for hit in reordered(hits, [5.0, 5.0, 5.0], 0.3)] == [hit.number for hit in hits]
    raised = reordered(hits, [0.0, 0.0, 9.0], 1.0)
    assert [hit.number for hit in raised] == [hits[2].number, hits[0].number, hits[1].number]
    assert raised[0].score == pytest.approx(hits[2].score + 9.0)


def test_the_second_of_two_questions_is_read_as_it_leans_on_the_first(qa: QA) -> None:
    reader = Listener()
    replace(qa, reader=reader).answer("Who was Anna Berg and what did she write?")
    assert [question for question, _ in reader.heard] == ["Who was Anna Berg?", "What did she write (Anna Berg)?"]


def test_a_follow_up_reads_what_the_conversation_is_about(qa: QA) -> None:
    reader = Listener()
    asked, said = "Who dug the harbour at Väsby?", "Mooring without a lantern on the quay is forbidden"
    history = [{"role": "user", "content": "The quay?"}, {"role": "assistant", "content": said}]
    replace(qa, reader=reader).answer(asked, history=history, k=4)
    hits = search(qa.index, query_of(qa.encoder, asked, f"The quay? {said}"), 4)
    assert reader.heard == [(asked, [hit.passage.start for hit in hits])]
    assert reader.heard[0][1] != [hit.passage.start for hit in qa.search(asked, k=4)]


def test_what_was_said_of_something_else_is_left_aside(qa: QA) -> None:
    encoder = FakeEncoder()
    turned = encoder.encode(["Who kept the light?"]) * -1
    assert query_of(encoder, "Who kept the light?", "Who kept the light?").context is not None
    with patch.object(encoder, "encode", side_effect=[-turned, turned]):
        assert query_of(encoder, "Who kept the light?", "zebra").context is None


def test_a_trace_tells_whether_what_was_said_before_counted(qa: QA) -> None:
    history = [{"role": "user", "content": "Who dug the harbour?"}, {"role": "assistant", "content": "Ingrid"}]
    (part,) = qa.trace("Who kept the harbour?", history=history).parts
    assert part.leaned
    (part,) = qa.trace("Who kept the harbour?").parts
    assert not part.leaned


def test_a_search_for_nothing_is_refused(qa: QA) -> None:
    with pytest.raises(QuestionError, match="empty"):
        qa.search("  ")


def test_threads_get_the_answers_that_one_gets(qa: QA) -> None:
    questions = ["Who kept the light from 1901?", "What things are forbidden on the quay?", "How heavy is the lens?"]
    alone = [qa.answer(q).to_dict() for q in questions]
    together: list[list[dict[str, object]]] = []
    threads = [
        threading.Thread(target=lambda: together.append([qa.answer(q).to_dict() for q in questions])) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [alone] * 6


def test_the_default_index_is_found_here_first(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.build_index(corpus, tmp_path / "index", encoder=FakeEncoder())
    monkeypatch.chdir(tmp_path)
    assert home.default_index()[0] == tmp_path / "index"


def test_without_one_here_the_projects_own_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    index, texts = home.default_index()
    assert index.name == "index"
    assert (texts / "openai-microsoft-partnership.txt").is_file()


def test_a_folder_that_is_merely_called_index_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index").mkdir()
    monkeypatch.chdir(tmp_path)
    assert home.default_index()[0] != tmp_path / "index"


def test_a_changed_corpus_is_noticed_and_said(corpus: Path, root: Path) -> None:
    encoder = FakeEncoder()
    home.build_index(corpus, root, encoder=encoder)
    assert home.stale(home.open_index(root)) == ""
    (corpus / "new.txt").write_text("Another text.", encoding="utf-8")
    (corpus / "ledger.txt").write_text("Rewritten.", encoding="utf-8")
    assert "(1 added, 1 changed)" in home.stale(home.open_index(root))


@pytest.mark.slow
def test_the_shipped_article_is_answered_with_the_real_models(tmp_path: Path) -> None:
    from pathlib import Path

    import partnership_qa

    partnership_qa.build_index(Path(__file__).parents[1] / "corpus", tmp_path / "index")
    real = partnership_qa.load(tmp_path / "index")
    result = real.answer("How much did Microsoft invest in OpenAI in 2019?")
    assert (result.text, result.citations[0].line) == ("$1 billion", 1)
    listed = real.answer("What are the key regulatory concerns?")
    assert len(listed.citations) == 3
    refused = real.answer("What is the capital of France?")
    assert not refused.answered


@pytest.mark.parametrize("k", [0, -3])
def test_a_search_for_no_passage_is_refused(qa: QA, k: int) -> None:
    with pytest.raises(QuestionError, match=f"At least one passage must be asked for, not {k}"):
        qa.search("harbour", k=k)
