"""Turns questions and passages of the pool into the examples of one training run.

An example is laid out as the product lays passages out: the question, then the headings joined by " > ", a
line break, and the passage.  Only the passage's own tokens may answer.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from alter import Names, exchange, gathered, recast, side_by_side, slip
from negatives import holds
from passages import Passage, Question, normalise, tokenizer
from synthetic import Made, pairs, table

MAX_TOKENS = 320
QUESTION_TOKENS = 48
GENERIC = """
Overview|History|Background|Details|Introduction|Description|Summary|General|Notes|Main points|Key facts
Further information|Context|Development|Section 1|Section 2|Part I|Reception|Content
"""
GENERIC_HEADINGS = [name for line in GENERIC.split("\n") for name in line.split("|") if name]

# How often each question of a source is seen over one plan; hard negatives for this share of them.
TIMES = {
    "squad": (2.8, 0.42),
    "new_wiki": (2.0, 0.42),
    "reddit": (0.7, 0.3),
    "amazon": (0.7, 0.3),
    "qamr": (0.2, 0.0),
    "policyqa": (0.25, 0.0),
    "subjqa": (0.3, 0.0),
    "friendsqa": (0.6, 0.0),
    "molweni": (1.0, 0.0),
    "sciabstracts": (1.0, 0.0),
    "adversarial": (4.5, 0.0),
}
NATIVE_TIMES = 4.0  # the unanswerable questions of squad2_train_10articles
TWISTED = 13_000
# Of the groups that are altered: names and numbers that are exchanged, questions with a slip of the pen.
RENAMED, SLIPS = 0.6, 0.5
WITHOUT_ANSWER = 0.2  # of several sentences side by side
MADE = {"table": 9_000, "pairs": 5_000}


@dataclass
class Example:
    """Question and passage as text; the answer's offsets are into `body`, -1 where there is none."""

    question: str
    heading: str
    body: str
    start: int = -1
    end: int = -1


@dataclass
class Encoded:
    """Token rows; `low` and `high` bound the body's tokens, and start = end = 0 means no answer."""

    ids: list[int]
    types: list[int]
    low: int
    high: int
    start: int
    end: int
    offsets: list[tuple[int, int]]


def heading(passage: Passage, rng: random.Random) -> str:
    """The title in most cases, at times with a second level, at times nothing."""
    title = unquote(passage.title).replace("_", " ")
    draw = rng.random()
    if draw < 0.3:
        return ""
    second = rng.choice(GENERIC_HEADINGS)
    if not title:
        return second if draw > 0.9 else ""
    return f"{title} > {second}" if draw > 0.8 else title


def bullets(passage: Passage, start: int, end: int, rng: random.Random) -> tuple[str, int, int] | None:
    """The passage's sentences as a list; None where the answer crosses two of them."""
    labelled = rng.random() < 0.4
    lines, at, moved = [], 0, (-1, -1)
    for a, b in passage.sentences:
        sentence = passage.text[a:b]
        words = re.findall(r"[A-Za-z]{4,}", sentence[1:])
        label = f"{max(words, key=len).capitalize()}: " if labelled and words else ""
        lines.append(f"- {label}{sentence}")
        shift = at + 2 + len(label) - a
        if a <= start and end <= b:
            moved = (start + shift, end + shift)
        at += len(lines[-1]) + 1
    if start >= 0 and moved[0] < 0:
        return None
    return "\n".join(lines), *moved


def stretch(passage: Passage, first: int, last: int) -> Passage:
    """The sentences from `first` to `last` of a passage, shown as one by itself."""
    start, end = passage.sentences[first][0], passage.sentences[last][1]
    return replace(passage, text=passage.text[start:end], sentences=[(0, end - start)])


def like(question: str, passage: Passage, rng: random.Random, but: frozenset[int] = frozenset()) -> int | None:
    """A sentence of a passage that shares words with a question, of those with most of them most often; or None."""
    asked = set(re.findall(r"\w{3,}", question.lower()))
    shared = [(len(asked & set(re.findall(r"\w{3,}", passage.text[a:b].lower()))), rng.random(), i)
              for i, (a, b) in enumerate(passage.sentences) if i not in but]  # fmt: skip
    if not shared:
        return None
    ranked = sorted(shared, reverse=True)
    return ranked[min(int(rng.expovariate(0.9)), len(ranked) - 1)][2]


def present(question: str, passage: Passage, start: int, end: int, rng: random.Random, listed: bool) -> Example:
    """One example of a passage, as running text or as a list."""
    body = passage.text
    if listed and (moved := bullets(passage, start, end, rng)):
        body, start, end = moved
    return Example(question, heading(passage, rng), body, start, end)


def renamed(example: Example, changed: dict[str, str]) -> Example:
    """The example with names and numbers exchanged."""
    question, _ = exchange(example.question, changed)
    above, _ = exchange(example.heading, changed)
    body, (start, end) = exchange(example.body, changed, (example.start, example.end))
    return Example(question, above, body, start, end)


def from_made(made: Made) -> Example:
    """The example of a made-up table or list; the answer is looked for behind its line's labels."""
    body = "\n".join(made.lines)
    if made.line < 0:
        return Example(made.question, made.heading, body)
    at = sum(len(line) + 1 for line in made.lines[: made.line])
    found = re.search(rf": ({re.escape(made.answer)})(?=;|$)", made.lines[made.line])
    start = at + (found.start(1) if found else made.lines[made.line].index(made.answer))
    return Example(made.question, made.heading, body, start, start + len(made.answer))


class Renderer:
    """Draws the plan of a run and renders its groups; everything follows from the seed."""

    def __init__(self, passages: list[Passage], questions: list[Question], seed: int, alter: float = 0.0) -> None:
        self.passages, self.questions, self.seed, self.alter = passages, questions, seed, alter
        self.names = Names(passages, questions)
        self.qamr = [i for i, p in enumerate(passages) if p.source == "qamr"]
        self.plan = self._plan()

    def _plan(self) -> list[tuple[str, int]]:
        """(kind, question) of every group, shuffled."""
        rng = random.Random(self.seed)
        plan: list[tuple[str, int]] = []
        twisted = []
        for i, question in enumerate(self.questions):
            times = TIMES[question.source][0]
            if question.source == "squad" and question.start < 0:
                times = NATIVE_TIMES
            plan += [("plain", i)] * (int(times) + (rng.random() < times % 1))
            twisted += [i] * len(question.twisted)
        plan += [("twisted", i) for i in rng.sample(twisted, min(TWISTED, len(twisted)))]
        for kind, count in MADE.items():
            plan += [(kind, i) for i in range(count)]
        rng.shuffle(plan)
        return plan

    def source(self, number: int) -> str:
        """The source of a group's question, or the kind of a made-up one."""
        kind, index = self.plan[number % len(self.plan)]
        return kind if kind in MADE else self.questions[index].source

    def group(self, number: int) -> list[Example]:
        """The examples of one group: a question's passage first, then at times a hard negative."""
        rng = random.Random(f"{self.seed} {number} alter")
        recasts, renames, slips = (rng.random() < share for share in (self.alter, self.alter, SLIPS * self.alter))
        examples = self.drawn(number, rng if recasts else None)
        if renames and examples:
            text = "\n".join([examples[0].question, *(example.body for example in examples)])
            changed = self.names.others(text, RENAMED, rng)
            examples = [renamed(example, changed) for example in examples]
        if slips and examples:
            question = slip(examples[0].question, rng)
            examples = [replace(example, question=question) for example in examples]
        return examples

    def drawn(self, number: int, recasting: random.Random | None) -> list[Example]:
        """The group as its sources have it, or with passages that are recast."""
        rng = random.Random(f"{self.seed} {number}")
        kind, index = self.plan[number % len(self.plan)]
        if kind in ("table", "pairs"):
            return [from_made(table(rng) if kind == "table" else pairs(rng))]
        question = self.questions[index]
        listed = rng.random() < 0.08

        def shown(text: str, passage: Passage, start: int, end: int, listed: bool) -> Example:
            if recasting is not None:
                wrong = [self.passages[i] for i in question.negatives]
                passage, start, end = recast(passage, start, end, question, wrong, like, recasting)
            return present(text, passage, start, end, rng, listed)

        own = self.passages[question.passage]
        if kind == "twisted":
            return [shown(rng.choice(question.twisted), own, -1, -1, listed)]
        if question.source == "adversarial":
            chosen = question.negatives[min(int(rng.expovariate(1.2)), len(question.negatives) - 1)]
            return [present(question.text, self.passages[chosen], -1, -1, rng, listed)]
        if question.source == "qamr":
            return [self.glued(question, rng)]
        group = [shown(question.text, own, question.start, question.end, listed)]
        if question.negatives and rng.random() < TIMES[question.source][1]:
            chosen = question.negatives[min(int(rng.expovariate(0.4)), len(question.negatives) - 1)]
            listed = rng.random() < 0.08
            group.append(shown(question.text, self.passages[chosen], -1, -1, listed))
        return group

    def glued(self, question: Question, rng: random.Random) -> Example:
        """A one-sentence passage among two to five others of its source."""
        own = self.passages[question.passage]
        texts = [self.passages[i].text for i in rng.sample(self.qamr, rng.randint(2, 5))]
        at = rng.randint(0, len(texts))
        texts.insert(at, own.text)
        joint = rng.choice([" ", " ", "\n", "\n- "])
        shift = sum(len(t) + len(joint) for t in texts[:at])
        return Example(question.text, "", joint.join(texts), question.start + shift, question.end + shift)


def encode(examples: list[Example]) -> list[Encoded]:
    """Token rows of at most MAX_TOKENS; an answer that is cut off becomes "no answer"."""
    tok = tokenizer()
    asked = tok.encode_batch([e.question for e in examples], add_special_tokens=False)
    texts = [f"{e.heading}\n{e.body}" if e.heading else e.body for e in examples]
    shown = tok.encode_batch(texts, add_special_tokens=False)
    cls, sep = tok.token_to_id("[CLS]"), tok.token_to_id("[SEP]")
    rows = []
    for example, q, p in zip(examples, asked, shown, strict=True):
        head = [cls, *q.ids[:QUESTION_TOKENS], sep]
        room = MAX_TOKENS - len(head) - 1
        skip = len(example.heading) + 1 if example.heading else 0
        offsets = [(a - skip, b - skip) for a, b in p.offsets[:room]]
        inner = [i for i, (a, _) in enumerate(offsets) if a >= 0]
        low, high = len(head) + (inner[0] if inner else len(offsets)), len(head) + len(offsets)
        start = end = 0
        if example.start >= 0:
            hit = [len(head) + i for i in inner if offsets[i][0] < example.end and offsets[i][1] > example.start]
            if hit and offsets[-1][1] >= example.end:
                start, end = hit[0], hit[-1]
        ids = head + p.ids[:room] + [sep]
        types = [0] * len(head) + [1] * (len(ids) - len(head))
        rows.append(Encoded(ids, types, low, high, start, end, [(0, 0)] * len(head) + offsets))
    return rows


class SentenceRenderer(Renderer):
    """The same plan with sentences, items and rows by themselves: what the second reading is shown."""

    def drawn(self, number: int, recasting: random.Random | None) -> list[Example]:
        """The sentence that answers, then at times one that does not; or several sentences that may."""
        rng = random.Random(f"{self.seed} {number}")
        kind, index = self.plan[number % len(self.plan)]
        if recasting is not None:
            return self.several(number, rng)
        if kind in MADE:
            return self.lines(table(rng) if kind == "table" else pairs(rng), rng)
        question = self.questions[index]
        listed = rng.random() < 0.08
        own = self.passages[question.passage]
        answering = [i for i, (a, b) in enumerate(own.sentences) if a < question.end and b > question.start >= 0]
        if kind == "twisted" or not answering:
            asked = rng.choice(question.twisted) if kind == "twisted" else question.text
            shown = self.passages[question.negatives[0]] if question.source == "adversarial" else own
            near = answering[0] if answering and rng.random() < 0.8 else like(asked, shown, rng)
            return [] if near is None else [present(asked, stretch(shown, near, near), -1, -1, rng, listed)]
        begin, piece = own.sentences[answering[0]][0], stretch(own, answering[0], answering[-1])
        group = [present(question.text, piece, question.start - begin, question.end - begin, rng, listed)]
        draw = rng.random()
        shown = self.passages[rng.choice(question.negatives)] if question.negatives and draw < 0.15 else own
        if draw < 0.65:
            near = like(question.text, shown, rng, frozenset(answering) if shown is own else frozenset())
            wrong = None if near is None else stretch(shown, near, near)
            if wrong is not None and not holds(f" {normalise(wrong.text)} ", question.answers):
                group.append(present(question.text, wrong, -1, -1, rng, rng.random() < 0.08))
        return group

    def several(self, number: int, rng: random.Random) -> list[Example]:
        """Sentences of several passages side by side, the one that answers mostly among them."""
        kind, index = self.plan[number % len(self.plan)]
        question = self.questions[index]
        if kind in MADE or question.source in {"qamr", "adversarial"}:
            return super().drawn(number, None)
        own, start, end, asked = self.passages[question.passage], question.start, question.end, question.text
        wrong = [self.passages[i] for i in question.negatives]
        passage, begin, stop = gathered(own, start, end, question, wrong, like, rng)
        if kind == "twisted":
            asked, begin, stop = rng.choice(question.twisted), -1, -1
        elif start >= 0 and len(passage.sentences) > 1 and rng.random() < WITHOUT_ANSWER:
            i = next(i for i, (a, b) in enumerate(passage.sentences) if a <= begin < b)
            left = [passage.text[a:b] for n, (a, b) in enumerate(passage.sentences) if n != i]
            passage, begin, stop = side_by_side(passage, left), -1, -1
        return [present(asked, passage, begin, stop, rng, listed=False)] if passage.text else []

    def lines(self, made: Made, rng: random.Random) -> list[Example]:
        """A line of a made-up table or list that answers, or one that does not, or both."""
        others = [n for n in range(len(made.lines)) if n != made.line]
        shown = [made.line] if made.line >= 0 else []
        if others and rng.random() < 0.6:
            shown.append(rng.choice(others))
        return [from_made(replace(made, lines=[made.lines[n]], line=0 if n == made.line else -1)) for n in shown]
