"""The evaluation's figures, against hand-worked values and against the scorer they must agree with."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import partnership_qa
from partnership_qa.errors import QuestionSetError
from partnership_qa.evaluation.metrics import (
    Row,
    auroc,
    calibration_error,
    evaluate,
    load_questions,
    normalize,
    overlaps,
    risk_coverage,
    token_f1,
)
from partnership_qa.evaluation.page import page, reliability_svg, risk_svg

if TYPE_CHECKING:
    from partnership_qa.qa import QA

SCORER = Path(__file__).parents[3] / "shared" / "eval" / "score.py"


def row(confidence: float, right: bool | None) -> Row:
    return Row("id", "span", "q", "t", answered=True, confidence=confidence, milliseconds=1.0, verbatim=[], right=right)


@pytest.fixture
def question_set(corpus: Path) -> Path:
    """Questions on the three texts: spans, a list, two parts, a follow-up and refusals."""
    ledger = (corpus / "ledger.txt").read_bytes().decode()
    harbour = (corpus / "harbour.md").read_bytes().decode()

    def gold(document: str, text: str, *quotes: str) -> list[dict[str, object]]:
        return [
            {"document": document, "start": text.index(q), "end": text.index(q) + len(q), "text": q} for q in quotes
        ]

    rows = [
        ("Why was Paraffin cheaper by half?", "span", ["1893"], gold("ledger.txt", ledger, "Paraffin replaced it in")),
        ("Who kept the light from 1901?", "span", ["Anna Berg"], gold("ledger.txt", ledger, "- Anna Berg: kept the")),
        ("Who made the lens heavy?", "span", ["Olof"], gold("ledger.txt", ledger, "Olof Lind")),
        ("What things are forbidden on the quay?", "list", [],
         gold("harbour.md", harbour, "- Lighting a fire.", "- Selling fish after noon.", "- Mooring without")),
        ("How many barrels in 1890 and in 1895?", "multi", [], gold("ledger.txt", ledger, "1890 | 40", "1895 | 22")),
        ("What is the capital of France?", "unanswerable", [], []),
        ("Who kept the light in 1874?", "unanswerable", [], []),
    ]  # fmt: skip
    lines = [
        {"id": f"q{n}", "question": q, "type": t, "answers": a, "evidence": e} for n, (q, t, a, e) in enumerate(rows)
    ]
    lines.append(lines[1] | {"id": "q9", "question": "And from 1901?", "type": "followup",
                             "history": [{"role": "user", "content": "Who kept the light from 1874?"}]})  # fmt: skip
    (corpus.parent / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return corpus.parent


# The scorer leaves the file of questions to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_figures_agree_with_the_scorer_to_four_digits(
    question_set: Path, qa: QA, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SCORER.is_file():
        pytest.skip("score.py is not beside this checkout")
    spec = importlib.util.spec_from_file_location("score", SCORER)
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "score", score)
    spec.loader.exec_module(score)
    monkeypatch.setattr(partnership_qa, "load", lambda _: qa, raising=False)
    theirs = score.score(question_set, qa.index.root)
    ours = evaluate(qa, question_set, load_questions(question_set)).to_dict()
    shared = set(theirs) & set(ours) - {"p50_ms", "p95_ms", "by_type"}
    assert len(shared) >= 12
    assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}
    for kind, figures in theirs["by_type"].items():
        assert ours["by_type"][kind] == figures


def test_a_set_is_scored_with_a_ranked_retriever(question_set: Path, qa: QA) -> None:
    figures = evaluate(qa, question_set, load_questions(question_set)).figures
    assert figures["verbatim"] == 1.0
    assert figures["complete"] == 1.0
    assert figures["retriever_recall@10"] == 1.0
    assert 0 < (figures["retriever_mrr"] or 0) <= 1


def test_squad_forms_of_an_answer() -> None:
    assert normalize("The Saxon-Garden, a park!") == ["saxongarden", "park"]
    assert token_f1("in the Saxon Garden", "Saxon Garden") == pytest.approx(0.8)
    assert token_f1("", "x") == 0.0


def test_ranges_overlap_when_half_of_the_shorter_is_shared() -> None:
    assert overlaps(("a", 0, 10), ("a", 5, 100))
    assert not overlaps(("a", 0, 10), ("a", 6, 100))
    assert not overlaps(("a", 0, 10), ("b", 0, 10))


def test_auroc_agrees_with_counting_every_pair() -> None:
    positive, negative = [0.9, 0.5, 0.5, 0.2], [0.5, 0.1, 0.7]
    pairs = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    assert auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc([], negative) is None


def test_risk_grows_with_wrong_answers_as_more_are_given() -> None:
    rows = [row(0.9, right=True), row(0.8, right=False), row(0.7, right=True), row(0.1, right=False)]
    assert risk_coverage(rows) == [(0.25, 0.0), (0.5, 0.5), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]


def test_calibration_error_is_the_distance_of_confidence_and_rightness() -> None:
    rows = [row(0.95, right=True), row(0.95, right=False), row(0.15, right=False)]
    assert calibration_error(rows) == pytest.approx((2 * 0.45 + 0.15) / 3)
    assert calibration_error([]) is None


def test_pictures_are_well_formed_and_the_page_is_inert(question_set: Path, qa: QA) -> None:
    result = evaluate(qa, question_set, load_questions(question_set))
    for picture in (reliability_svg(result.rows), risk_svg(result.rows)):
        assert ET.fromstring(picture).tag.endswith("svg")
    evil = Row("<script>1</script>", "span", "<img src=x>", "<b>", True, 0.9, 1.0, [True])
    shown = page(type(result)("<i>", (evil,), {"em": 0.5}, {"<u>": {"em": 0.5}}))
    assert not any(tag in shown for tag in ("<script", "<img", "<b>", "<i>", "<u>"))
    assert "&lt;img src=x&gt;" in shown


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match=r"There is no question set at .*/nowhere: give a folder"):
        load_questions(tmp_path / "nowhere")


def test_a_folder_without_questions_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match=r"holds no questions\.jsonl: give a folder"):
        load_questions(tmp_path)


def test_a_set_without_a_question_is_named(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text("\n \n", encoding="utf-8")
    with pytest.raises(QuestionSetError, match=r"questions\.jsonl holds no question: write one a line"):
        load_questions(tmp_path)


def test_a_set_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_bytes("{'Väsby'}".encode("utf-16"))
    with pytest.raises(QuestionSetError, match="is not UTF-8 text"):
        load_questions(tmp_path)


LINE = {"id": "a", "question": "Who?", "type": "span", "answers": ["Anna"], "evidence": []}
PLACE = {"document": "a.txt", "start": 0, "end": 4}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "Expecting property name"),
        ("[]", "list indices"),
        (json.dumps(LINE | {"question": 1}), "1 is no string"),
        (json.dumps({"id": "a"}), "'evidence' is missing"),
        (json.dumps(LINE | {"evidence": [PLACE | {"start": "0"}]}), "two whole numbers"),
        (json.dumps(LINE | {"history": ["Who?"]}), "Message 1 of the history is no object"),
    ],
)
def test_a_line_that_is_no_question_is_named_with_what_is_amiss(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "questions.jsonl").write_text(f"{json.dumps(LINE)}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(QuestionSetError) as caught:
        load_questions(tmp_path)
    assert f"{tmp_path / 'questions.jsonl'}, line 3, is not a question (" in str(caught.value)
    assert what in str(caught.value)


def test_an_empty_line_between_questions_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text(f"{json.dumps(LINE)}\n\n", encoding="utf-8")
    assert [question.id for question in load_questions(tmp_path)] == ["a"]


def test_what_is_not_known_to_be_right_or_wrong_counts_in_no_risk_and_no_bin() -> None:
    known, unknown = [row(0.9, right=True), row(0.8, right=False)], row(0.95, right=None)
    assert risk_coverage([*known, unknown]) == risk_coverage(known)
    assert calibration_error([*known, unknown]) == calibration_error(known)
    assert calibration_error([unknown]) is None
