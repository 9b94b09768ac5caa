"""Passages that look right for a question and do not answer it, found by BM25 among all passages of its set."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import bm25s
from settings import SETTINGS

from partnership_qa.evaluation.metrics import normalize

if TYPE_CHECKING:
    from data import Pool

KEPT = 6
LOOKED_AT = 14


def mine(pool: Pool) -> None:
    """Fills `wrong` of the answerable questions whose source asks for it, likeliest first.

    A passage of the same context, or one that holds an accepted answer, is never called wrong.
    """
    groups = defaultdict(list)
    for question in pool.questions:
        if question.spans and SETTINGS.source(question.source).wrong:
            groups[question.source].append(question)
    for source, questions in groups.items():
        numbers = sorted({question.passage for question in questions})
        texts = [pool.passages[number].indexed_text for number in numbers]
        words = {number: f" {' '.join(normalize(pool.passages[number].text))} " for number in numbers}
        index = bm25s.BM25()
        index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
        asked = bm25s.tokenize([question.text for question in questions], stopwords="en", show_progress=False)
        found = index.retrieve(asked, k=min(LOOKED_AT, len(texts)), show_progress=False)[0]
        for question, row in zip(questions, found, strict=True):
            forms = [f" {' '.join(normalize(answer))} " for answer in question.answers]
            near = [numbers[int(i)] for i in row]
            question.wrong = [
                number for number in near
                if pool.contexts[number] != pool.contexts[question.passage]
                and not any(form in words[number] for form in forms)
            ][:KEPT]  # fmt: skip
        print(f"{source}: wrong passages for {len(questions)} questions", flush=True)
