"""The SQuAD 2.0 questions without an answer that may be trained on, with the passages they were written for.

Of the eight articles of the evaluation's `squad2` set, the unanswerable questions of five are used; of these
every fifth is held back to calibrate on.  A question's paragraph is not given: the questions stand in the
order of their paragraphs (Rajpurkar et al. 2018 wrote them paragraph by paragraph), so that the answerable
neighbours name it, and retrieval inside the article confirms it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from negatives import Embedder
from passages import Passage, Question, cut, make_passage

ARTICLES = (
    "force.txt",
    "harvard-university.txt",
    "islamism.txt",
    "steam-engine.txt",
    "french-and-indian-war.txt",
)


def blocks(text: str) -> list[tuple[int, int]]:
    """Offsets of the blank-line separated blocks of a corpus file."""
    spans, at = [], 0
    for block in text.split("\n\n"):
        if block.strip():
            spans.append((at, at + len(block)))
        at += len(block) + 2
    return spans


def _passages(corpus: Path) -> tuple[list[Passage], dict[tuple[str, int], list[int]]]:
    """Passages of all eight articles, and those of each (article, block)."""
    passages: list[Passage] = []
    of_block: dict[tuple[str, int], list[int]] = {}
    for path in sorted(corpus.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        spans = blocks(text)
        title = text[slice(*spans[0])].strip()
        for start, end in spans[1:]:
            block = text[start:end]
            for spans_of_piece in cut(block):
                of_block.setdefault((path.name, start), []).append(len(passages))
                passages.append(make_passage(path.name, title, block, spans_of_piece, start))
    return passages, of_block


def neighbours(records: list[dict], corpus: Path) -> list[tuple[tuple[str, int] | None, ...]]:
    """For each question the (article, block) of the nearest answerable question before and after it."""
    spans = {p.name: blocks(p.read_text(encoding="utf-8")) for p in corpus.glob("*.txt")}

    def place(record: dict) -> tuple[str, int] | None:
        if not record["evidence"]:
            return None
        name, at = record["evidence"][0]["document"], record["evidence"][0]["start"]
        return next(((name, a) for a, b in spans[name] if a <= at < b), None)

    places = [place(r) for r in records]
    before: list[tuple[str, int] | None] = []
    after: list[tuple[str, int] | None] = []
    for order, out in ((places, before), (places[::-1], after)):
        last = None
        for found in order:
            last = found or last
            out.append(last)
    return list(zip(before, after[::-1], strict=True))


def _usable(near: tuple[tuple[str, int] | None, ...], first: str, among: set[str]) -> bool:
    """Whether file order and retrieval agree on one of the five articles."""
    names = {place[0] for place in near if place}
    return names <= set(ARTICLES) and first in names and first in among


def load_adversarial(folder: Path, split: Path) -> tuple[list[Passage], list[Question], dict[int, list[int]]]:
    """Passages, questions to train on, and for each question (by position) its passages, best first."""
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    passages, of_block = _passages(folder / "corpus")
    near = neighbours(records, folder / "corpus")
    embed = Embedder()
    vectors = embed([f"{p.title}\n{p.text}" for p in passages])
    scores = embed([r["question"] for r in records]) @ vectors.T
    trained: list[Question] = []
    shown: dict[int, list[int]] = {}
    kept: dict[str, list[str]] = {"trained": [], "calibration": [], "articles": list(ARTICLES)}
    seen: dict[str, int] = {}
    for i, record in enumerate(records):
        if record["type"] != "unanswerable":
            continue
        ranked = np.argsort(-scores[i])
        top = {passages[j].source for j in ranked[:5]}
        article = near[i][0][0] if near[i][0] else passages[ranked[0]].source
        if not _usable(near[i], article, top):
            continue
        seen[article] = seen.get(article, 0) + 1
        if seen[article] % 5 == 0:
            kept["calibration"].append(record["id"])
            continue
        kept["trained"].append(record["id"])
        beside = {j for place in near[i] if place for j in of_block.get(place, [])}
        first = sorted(beside, key=lambda j: -scores[i][j])[:2]
        inside = [int(j) for j in ranked if passages[j].source == article][:3]
        shown[len(trained)] = list(dict.fromkeys(first + inside))
        trained.append(Question(record["id"], "adversarial", record["question"], -1))
    split.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"adversarial: {len(trained)} to train on, {len(kept['calibration'])} held back", flush=True)
    return passages, trained, shown
