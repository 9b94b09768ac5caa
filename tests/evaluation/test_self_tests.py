"""Self-tests of a rebuild: what is asked, what counts as lost, and that a refused index is not taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa.errors import GateRefusedError
from partnership_qa.evaluation import squad
from partnership_qa.evaluation.gate import Lost, SelfTest, gate, judged_tests, lost, made_tests
from partnership_qa.index import Index, build, open_index
from partnership_qa.index.generations import pointer
from partnership_qa.index.pending import PENDING
from partnership_qa.qa import QA

WHO = "Who kept the light from 1901?"


def assemble(index: Index) -> QA:
    return QA.assemble(index, FakeEncoder(), FakeReader(), FAKE_CALIBRATION)


@pytest.fixture
def qa(corpus: Path, root: Path) -> QA:
    build(corpus, root, FakeEncoder())
    return assemble(open_index(root))


def judged(qa: QA, question: str, *, right: bool = True) -> list[SelfTest]:
    content = squad.empty(qa.index.sources.values())
    squad.judged(content, "1", question, qa.answer(question), right=right, note="")
    return judged_tests(content)


def test_what_was_judged_right_is_asked_and_what_was_judged_wrong_is_not(qa: QA) -> None:
    (test,) = judged(qa, WHO)
    assert (test.question, test.judged) == (WHO, True)
    assert "kept the light from 1901" in test.words[0]
    assert judged(qa, WHO, right=False) == []
    assert lost(qa, [test]) == ((), 1)


def test_an_answer_that_changed_is_lost(qa: QA) -> None:
    gone, asked = lost(qa, [SelfTest(WHO, ("somebody else entirely",), judged=True)])
    assert asked == 1
    assert gone[0].sentence.startswith(f"{WHO} (judged right) was: somebody else entirely; is: ")


def test_a_refusal_that_was_right_must_stay_one(qa: QA) -> None:
    assert lost(qa, [SelfTest("What is the capital of France?", (), judged=True)]) == ((), 1)
    assert len(lost(qa, [SelfTest(WHO, (), judged=True)])[0]) == 1


def test_made_questions_that_are_answered_are_asked_while_their_text_stands(qa: QA, corpus: Path, root: Path) -> None:
    tests = made_tests(qa)
    assert tests
    assert lost(qa, tests) == ((), len(tests))
    (corpus / "harbour.md").unlink()
    build(corpus, root, FakeEncoder())
    left = [test for test in tests if test.evidence in (corpus / "ledger.txt").read_text("utf-8")]
    assert lost(assemble(open_index(root)), tests)[1] < len(tests)
    assert lost(assemble(open_index(root)), tests)[1] >= len(left)


def test_a_refused_index_is_not_taken_and_leaves_nothing_behind(qa: QA, corpus: Path, root: Path) -> None:
    before, there = pointer(root), {path.name for path in root.iterdir()}
    told: list[tuple[tuple[Lost, ...], int]] = []
    (corpus / "ledger.txt").unlink()
    accept = gate(assemble, judged(qa, WHO), lambda gone, asked: told.append((gone, asked)), refuse=True)
    with pytest.raises(GateRefusedError, match="of 1 questions that were answered, 1 are answered no more") as refused:
        build(corpus, root, FakeEncoder(), accept=accept)
    assert refused.value.lost[0].startswith(WHO)
    assert [asked for _, asked in told] == [1]
    assert pointer(root) == before
    # Embeddings that it made are kept, as of any build that was stopped: building without the gate need not make them.
    assert {path.name for path in root.iterdir()} - {PENDING} == there
    assert assemble(open_index(root)).answer(WHO).answered


def test_an_index_that_lost_something_is_taken_where_it_is_only_to_be_told(qa: QA, corpus: Path, root: Path) -> None:
    before, told = pointer(root), []
    (corpus / "ledger.txt").unlink()
    accept = gate(assemble, judged(qa, WHO), lambda gone, asked: told.append(len(gone)), refuse=False)
    build(corpus, root, FakeEncoder(), accept=accept)
    assert told == [1]
    assert pointer(root) != before
