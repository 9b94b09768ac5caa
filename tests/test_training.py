"""What training shows the reader: the product's own layout, and answers at their own words."""

from __future__ import annotations

import math
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("tomllib", reason="the recipe is a TOML file, which Python reads from 3.11 on")
sys.path.insert(0, str(Path(__file__).parent.parent / "training"))

import torch
from calibrate import UNSEEN, Row, _says, alike
from data import Builder, Question, chosen_spans, cut, held_by, pieces, without
from kinds import conversations
from layout import SHIFT, as_bert, lay_out
from model import PAD, Encoder, distance_buckets
from render import typed, window
from settings import SETTINGS, Source
from synthetic import make
from written import SPOKEN_WORDS, Written, WrittenError, documents, parse, place, pools, span_in, spoken
from written import WRITTEN as QUESTIONS

from partnership_qa.evaluation.metrics import Question as Put

TEXT = "Anna Berg founded the works in 1901. It stood in Oslo. Its owner sold the works in 1923 to Nils Holm."
TABLE = "# Boats\n\n| Boat | Fee |\n|---|---|\n| Dinghy | 3 kronor |\n| Cutter | 12 kronor |\n"


def words(ids: list[int]) -> str:
    return " ".join(pieces().id_to_token(number - SHIFT) or "" for number in ids)


def test_an_answer_is_learned_at_its_own_words() -> None:
    (passage,) = cut(TEXT, "Works", ".txt")
    span = (TEXT.index("1923"), TEXT.index("1923") + 4)
    row = lay_out("When were they sold?", passage, [span])
    assert words(row.ids[row.starts[0] : row.ends[0] + 1]) == "1923"
    assert row.support == [False, False, True]


def test_nothing_is_learned_at_words_where_nothing_answers() -> None:
    (passage,) = cut(TEXT, "Works", ".txt")
    row = lay_out("Who painted them?", passage)
    assert (row.starts, row.ends, any(row.support)) == ([], [], False)


def test_headings_and_questions_cannot_answer() -> None:
    (passage,) = cut(TEXT, "Old works", ".txt")
    row = lay_out("Who founded the works?", passage)
    assert words([row.ids[token] for token in row.answering[:2]]) == "anna berg"
    assert len(row.answering) == len(row.offsets) == sum(len(unit) for unit in row.units)


def test_cells_answer_and_column_names_do_not() -> None:
    (passage,) = cut(TABLE, "", ".md")
    cell = (TABLE.index("12 kronor"), TABLE.index("12 kronor") + 9)
    row = lay_out("What does a cutter pay?", passage, [cell])
    assert words(row.ids[row.starts[0] : row.ends[0] + 1]) == "12 k ##ron ##or"
    assert row.support == [False, True]
    header = (TABLE.index("Fee"), TABLE.index("Fee") + 3)
    assert held_by(passage, [header, cell]) == [cell]


def test_a_window_holds_what_answers() -> None:
    long = " ".join(f"Sentence number {n} tells of the works and of its owners in Oslo." for n in range(12))
    passage = cut(long, "", ".txt")[0]
    at = long.index("number 5")
    shown = {window(passage, [(at, at + 8)], random.Random(seed)) for seed in range(40)}
    assert None in shown
    assert all(5 in part and len(part) < len(passage.units) for part in shown if part is not None)


def test_several_answers_stay_together_and_one_of_many_marks_is_chosen() -> None:
    answers = [{"text": text, "answer_start": TEXT.index(text)} for text in ("1923", "1901", "1901")]
    record = {"context": TEXT, "answers": answers}
    assert chosen_spans(record, several=True) == [(31, 35), (83, 87)]
    assert chosen_spans(record, several=False) == [(31, 35)]


def test_a_question_goes_to_the_passage_that_holds_its_answer() -> None:
    builder = Builder()
    context = "\n\n".join([" ".join(["The works stood in Oslo and made lamps of all kinds."] * 12), TEXT])
    record = {"id": "1", "title": "", "question": "When?", "context": context,
              "answers": [{"text": "1923", "answer_start": context.index("1923")}]}  # fmt: skip
    builder.add(Source("squad", 1.0), record)
    (question,) = builder.pool.questions
    passage = builder.pool.passages[question.passage]
    assert [passage.between(*span) for span in question.spans] == ["1923"]


def test_questions_near_the_development_articles_are_dropped() -> None:
    one, other, held = Builder(), Builder(), Builder()
    for builder, context in ((one, TEXT), (other, "Nothing of the kind stands here."), (held, "Before it. " + TEXT)):
        builder.add(
            Source("squad", 1.0), {"id": "1", "title": "", "question": "What?", "context": context, "answers": []}
        )
    assert without(one.pool, held.pool) == 1
    assert one.pool.questions == []
    assert without(other.pool, held.pool) == 0


def test_a_question_is_put_as_people_type_it_and_keeps_its_words() -> None:
    asked = {typed("What is the fee of a cutter?", random.Random(seed)) for seed in range(80)}
    assert "What is the fee of a cutter?" in asked
    assert "What is the fee of a cutter" in asked
    assert {"fee of a cutter?", "fee of a cutter"} & asked


@pytest.mark.parametrize("number", range(25))
def test_a_made_up_answer_stands_where_it_is_said_to(number: int) -> None:
    record = make(25, 3)[number]
    for answer in record["answers"]:  # type: ignore[attr-defined]
        start = answer["answer_start"]
        assert str(record["context"])[start : start + len(answer["text"])] == answer["text"]


def test_distances_fall_into_buckets_as_the_slow_rule_says() -> None:
    def slow(behind: int) -> int:
        far = abs(behind)
        if far >= 8:
            far = min(15, 8 + int(math.log(far / 8) / math.log(128 / 8) * 8))
        return far + (16 if behind < 0 else 0)

    fast = distance_buckets(200)
    assert [int(fast[i, j]) for i in range(0, 200, 7) for j in range(200)] == [
        slow(i - j) for i in range(0, 200, 7) for j in range(200)
    ]


def test_padding_changes_nothing_of_a_row() -> None:
    torch.manual_seed(1)
    encoder = Encoder(100, 1).eval()
    ids = torch.tensor([[0, 5, 6, 7, 2]])
    padded = torch.cat([ids, torch.full((1, 3), PAD)], dim=1)
    with torch.inference_mode():
        alone = encoder(ids, torch.ones_like(ids))
        beside = encoder(padded, (padded != PAD).long())
    assert torch.allclose(alone, beside[:, :5], atol=1e-5)


def test_frozen_layers_are_not_learned() -> None:
    encoder = Encoder(100, 3)
    encoder.freeze(1)
    learned = {name.split(".")[1] for name, p in encoder.named_parameters() if p.requires_grad}
    assert learned == {"1", "2"}


def test_the_recipe_names_every_source_once() -> None:
    files = [source.file for source in SETTINGS.sources]
    assert len(files) == len(set(files))
    assert all(stage.falling < stage.steps for stage in SETTINGS.stages)
    assert Question("1", files[0], "?", 0).spans == []


WRITTEN = (
    "# Fees\n\nA berth costs 12 kronor a night. Guests pay by the hour.\n\nBring along:\n\n- a rope\n- two fenders\n"
)


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("12 kronor", "12 kronor"),
        ("costs [[12]] kronor", "12"),
        ("A berth ... night.", "A berth costs 12 kronor a night."),
    ],
)
def test_a_written_place_means_its_characters(wanted: str, meant: str) -> None:
    start, end = place(WRITTEN, wanted)
    assert WRITTEN[start:end] == meant


@pytest.mark.parametrize(
    ("wanted", "why"), [("13 kronor", "not there"), ("by", "times there"), ("A berth ... fee", "behind")]
)
def test_a_written_place_that_the_text_does_not_hold_once_is_refused(wanted: str, why: str) -> None:
    with pytest.raises(WrittenError, match=why):
        place(WRITTEN + "They stand by the wall.", wanted)


def test_a_listed_place_is_the_whole_item() -> None:
    (passage,) = cut(WRITTEN, "", ".md")
    start = WRITTEN.index("two")
    span = span_in(passage, (start, start + 3), "list")
    assert span is not None
    assert WRITTEN[slice(*span)] == "two fenders"
    assert span_in(passage, (start, start + 3), "words") == (start, start + 3)


def test_lines_without_an_answer_say_so(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/fees.md").write_text(WRITTEN, "utf-8")
    lines = [
        "# fees.md",
        "words\tWhat does a night cost?\t12 kronor",
        "none\tWho owns it?",
        "none\tWho?\trope",
        "words\tWho?",
    ]
    (tmp_path / "questions.txt").write_text("\n".join(lines), "utf-8")
    first, second, *wrong = parse(tmp_path, documents(tmp_path))
    assert first == Written("fees.md", "words", "What does a night cost?", (span_of("12 kronor"),))
    assert second == Written("fees.md", "none", "Who owns it?", ())
    assert [str(one).split(":")[0] for one in wrong] == ["line 4", "line 5"]


def test_a_follow_up_is_read_with_what_was_asked_before_it_and_learned_behind_it(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/fees.md").write_text(WRITTEN, "utf-8")
    (tmp_path / "questions.txt").write_text("# fees.md\nnone\tWho owns it? >> Since when? >> And why?", "utf-8")
    (asked,) = parse(tmp_path, documents(tmp_path))
    assert asked == Written("fees.md", "none", "And why?", (), ("Who owns it?", "Since when?"))
    assert spoken(asked) == "Who owns it? Since when? And why?"
    long = Written("fees.md", "none", "And why?", (), ("Who said?", " ".join(["so"] * 40)))
    assert spoken(long).split() == ["so"] * (SPOKEN_WORDS - 2) + ["And", "why?"]


def test_the_written_questions_of_the_named_folders_alone_are_pooled(tmp_path: Path) -> None:
    for name in ("named", "left"):
        (tmp_path / name / "corpus").mkdir(parents=True)
        (tmp_path / name / "corpus/fees.md").write_text(WRITTEN, "utf-8")
        (tmp_path / name / "corpus/fares.md").write_text(WRITTEN, "utf-8")
        lines = "words\tWhat does a night cost?\t12 kronor"
        (tmp_path / name / "questions.txt").write_text(f"# fees.md\n{lines}\n# fares.md\n{lines}\n", "utf-8")
    training, development = pools([tmp_path / "named"])
    assert [question.id.partition("-")[0] for question in training.questions] == ["named"]
    assert [question.answers for question in development.questions] == [["12 kronor"]]


def test_the_recipe_names_folders_of_written_questions_that_are_there() -> None:
    names = SETTINGS.source("written").folders
    assert len(names) == len(set(names)) == 16
    assert all((QUESTIONS / name / "questions.txt").is_file() for name in names)


def span_of(words_: str) -> tuple[int, int]:
    return WRITTEN.index(words_), WRITTEN.index(words_) + len(words_)


def test_pools_put_together_keep_each_question_at_its_passage() -> None:
    first, second = Builder(), Builder()
    record = {
        "id": "1",
        "title": "",
        "context": TEXT,
        "question": "When?",
        "answers": [{"text": "1901", "answer_start": TEXT.index("1901")}],
    }
    other = record | {"context": WRITTEN, "answers": [{"text": "12", "answer_start": WRITTEN.index("12")}]}
    first.add(Source("a", 1.0), record)
    second.add(Source("a", 1.0), other)
    both = first.pool + second.pool
    assert ["1901" in both.passages[q.passage].text for q in both.questions] == [True, False]
    assert ["12 kronor" in both.passages[q.passage].text for q in both.questions] == [False, True]
    assert len(set(both.contexts)) == 2


def test_the_quick_look_sees_the_same_words_with_one_mark_fewer() -> None:
    (passage,) = cut(TEXT, "Works", ".txt")
    row = lay_out("When were they sold?", passage)
    ids, types = as_bert(row.ids)
    assert len(ids) == len(row.ids) - 1
    assert ids[: types.index(1)][1:-1] == [n - SHIFT for n in row.ids[1 : row.ids.index(2)]]
    assert [ids[place_ - 1] for place_ in row.answering] == [row.ids[place_] - SHIFT for place_ in row.answering]


def test_the_quick_look_out_of_its_graph_says_what_the_graph_says() -> None:
    pytest.importorskip("onnx", reason="graphs are read and written by those who train")
    from proposer import Trained, shipped

    from partnership_qa.reading import load_reader

    (passage,) = cut(TEXT, "Works", ".txt")
    reader = load_reader()
    rows = [lay_out(question, passage) for question in ("When were they sold?", "Who owns the moon?")]
    with torch.inference_mode():
        said = Trained(shipped()).eval()([row.ids for row in rows])[2].tolist()
    looked = [reader.propose(q, [passage])[0].answerable for q in ("When were they sold?", "Who owns the moon?")]
    assert said == pytest.approx(looked, abs=0.5)  # the graph rounds what flows through it
    assert said[0] > said[1] + 3


def test_each_set_weighs_alike_and_a_written_folder_a_part_of_one() -> None:
    rows = [Row("xquad", (), True, True)] * 4 + [Row("own", (), True, True)] * 2 + [Row("made_k", (), True, True, 0.3)]
    assert alike(rows) == [0.25] * 4 + [0.5] * 2 + [0.3]


@pytest.mark.parametrize(("said", "right"), [("thirty days", True), ("within thirty days", True), ("days", False)])
def test_of_an_answer_that_is_marked_once_half_will_do(said: str, right: bool) -> None:
    written = Put(f"{UNSEEN[0]}-1", "When?", "span", ("within thirty days",), ())
    assert _says(written, said) is right
    assert _says(replace(written, id="xquad-1"), said) is (said == "within thirty days")


def test_the_first_question_of_a_conversation_stands_alone() -> None:
    asked = Written("a.md", "words", "And why?", (), ("Who left?", "When?"))
    assert conversations([(Path("conv_x"), asked)]) == [("conv_x", "And why?", True), ("conv_x", "Who left?", False)]
