"""Reads the question sets, cuts their texts into passages and writes the pool that training draws from.

python training/prepare.py --data ../shared/data/reader --eval ../shared/eval --out training/runs/pool.pkl
"""

from __future__ import annotations

import argparse
import gzip
import json
import pickle
import random
import re
from collections import Counter
from pathlib import Path

from adversarial import load_adversarial
from negatives import mine
from passages import Passage, Question, cut, make_passage, normalise
from twist import names, twist

SOURCES = {
    "squad11_du_test": "squad",
    "squad11_train_val5pct_tok": "squad",
    "squad11_train_sample5k": "squad",
    "squad2_train_10articles": "squad",
    "squadshifts_new_wiki": "new_wiki",
    "squadshifts_reddit": "reddit",
    "squadshifts_amazon": "amazon",
    "qamr_wiki": "qamr",
    "policyqa": "policyqa",
    "subjqa": "subjqa",
    "friendsqa": "friendsqa",
    "molweni_test": "molweni",
    "sciabstracts_my_qa": "sciabstracts",
}
NO_TITLE = {"reddit", "amazon", "qamr", "policyqa", "subjqa", "friendsqa", "molweni", "sciabstracts"}
DEV_QUESTIONS = 400
LONGEST_ANSWER = 40


def choose_answer(answers: list[dict], context: str) -> tuple[int, int]:
    """The span of the most frequent answer, the first of equals, without white space at its ends."""
    forms = Counter(normalise(a["text"]) for a in answers)
    best = max(answers, key=lambda a: forms[normalise(a["text"])])
    start, text = best["answer_start"], best["text"]
    start += len(text) - len(text.lstrip())
    end = start + len(text.strip())
    if re.search(r".[,;]$|[a-z0-9]{3}\.$", context[start:end]):
        end -= 1
    return start, end


class Pool:
    """Passages and questions, with the passages of each context cut once."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.questions: list[Question] = []
        self.contexts: dict[tuple[str, str], tuple[int, list[tuple[int, int, int]]]] = {}

    def pieces(self, source: str, title: str, text: str) -> tuple[int, list[tuple[int, int, int]]]:
        """The context's number, and (passage, start, end) of its pieces."""
        key = (source, text)
        if key not in self.contexts:
            number, rows = len(self.contexts), []
            for spans in cut(text):
                rows.append((len(self.passages), spans[0][0], spans[-1][1]))
                self.passages.append(make_passage(source, title, text, spans, number))
            self.contexts[key] = (number, rows)
        return self.contexts[key]

    def add(self, record: dict, source: str) -> None:
        """Adds a question with the passage that holds its answer."""
        title = "" if source in NO_TITLE else record["title"]
        text = record["context"]
        _, rows = self.pieces(source, title, text)
        asked = " ".join(record["question"].split())
        if not record["answers"]:
            for passage, _, _ in rows[:1]:
                self.questions.append(Question(record["id"], source, asked, passage))
            return
        start, end = choose_answer(record["answers"], text)
        answers = sorted({a["text"] for a in record["answers"]})
        if end <= start or len(text[start:end].split()) > LONGEST_ANSWER:
            return
        for passage, begin, stop in rows:
            if begin <= start and end <= stop:
                question = Question(record["id"], source, asked, passage, start - begin, end - begin, answers)
                self.questions.append(question)
                return

    def drop(self, records: list[dict]) -> int:
        """Takes out the questions whose passage shares thirteen words in a row with these contexts."""
        grams = {g for r in records for g in shingles(r["context"])}
        near = {i for i, p in enumerate(self.passages) if not grams.isdisjoint(shingles(p.text))}
        kept = [q for q in self.questions if q.passage not in near]
        dropped, self.questions = len(self.questions) - len(kept), kept
        return dropped


def shingles(text: str, width: int = 13) -> set[str]:
    """All runs of `width` words of a normalised text."""
    words = normalise(text).split()
    return {" ".join(words[i : i + width]) for i in range(len(words) - width + 1)}


def read(path: Path) -> list[dict]:
    """The records of a compressed JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def dev_titles(records: list[dict]) -> set[str]:
    """The smallest articles of the set, as many as give DEV_QUESTIONS questions."""
    chosen: set[str] = set()
    total = 0
    for title, count in sorted(Counter(r["title"] for r in records).items(), key=lambda item: item[1]):
        if total >= DEV_QUESTIONS:
            break
        chosen.add(title)
        total += count
    return chosen


def add_twists(pool: Pool, rng: random.Random) -> int:
    """Writes up to two edited questions to each answerable one that has negatives to take names from."""
    found = {i: names(p.text) for i, p in enumerate(pool.passages) if p.source in ("squad", "new_wiki")}
    total = 0
    for question in pool.questions:
        if question.start < 0 or question.passage not in found:
            continue
        others = [name for i in question.negatives for name in found.get(i, [])]
        passage = pool.passages[question.passage].text
        edits = {twist(question.text, passage, others, rng) for _ in range(3)} - {None}
        question.twisted = sorted(e for e in edits if e)[:2]
        total += len(question.twisted)
    return total


def main() -> None:
    """Writes the pool and the split of the adversarial questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--data", type=Path, default=root / "../shared/data/reader")
    parser.add_argument("--eval", type=Path, default=root / "../shared/eval")
    parser.add_argument("--out", type=Path, default=root / "training/runs/pool.pkl")
    parser.add_argument("--split", type=Path, default=root / "training/squad2_split.json")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    pool, dev = Pool(), Pool()
    held: list[dict] = []
    for name, source in SOURCES.items():
        records = read(args.data / f"{name}.jsonl.gz")
        titles = dev_titles(records) if name == "squad11_du_test" else set()
        held += [r for r in records if r["title"] in titles]
        for record in records:
            (dev if record["title"] in titles else pool).add(record, source)
        print(f"{name}: {len(records)} records, {len(pool.questions)} questions so far", flush=True)
    print(f"{len(dev.questions)} for development; {pool.drop(held)} near them dropped", flush=True)
    mine(dev.questions, dev.passages)
    mine(pool.questions, pool.passages)
    print(f"{add_twists(pool, random.Random(args.seed))} edited questions", flush=True)
    passages, asked, shown = load_adversarial(args.eval / "squad2", args.split)
    base = len(pool.passages)
    for i, question in enumerate(asked):
        question.negatives = [base + j for j in shown[i]]
    pool.passages += passages
    pool.questions += asked
    args.out.parent.mkdir(parents=True, exist_ok=True)
    state = {"passages": pool.passages, "questions": pool.questions}
    state |= {"dev_passages": dev.passages, "dev_questions": dev.questions}
    args.out.write_bytes(pickle.dumps(state))
    print(f"{len(pool.passages)} passages, {len(pool.questions)} questions", flush=True)


if __name__ == "__main__":
    main()
