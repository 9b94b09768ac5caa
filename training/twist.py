"""Turns an answerable question into one that its passage does not answer.

The edits are those that Rajpurkar et al. (2018) found in the unanswerable questions of SQuAD 2.0: another
name or number, an antonym, a negation.
"""

from __future__ import annotations

import random
import re

WORDS = """
first/last before/after largest/smallest larger/smaller north/south east/west northern/southern
eastern/western increase/decrease increased/decreased most/least more/less highest/lowest higher/lower
oldest/newest older/younger early/late earliest/latest best/worst begin/end began/ended start/stop
started/stopped open/close opened/closed win/lose won/lost public/private male/female inside/outside
above/below arrive/leave accept/reject gain/loss accepted/rejected positive/negative major/minor
maximum/minimum common/rare buy/sell bought/sold strong/weak support/oppose supported/opposed allow/forbid
allowed/forbidden success/failure longest/shortest shorter/longer import/export attack/defend rise/fall
internal/external upper/lower modern/ancient create/destroy join/quit many/few fastest/slowest birth/death
born/buried rich/poor
"""
ANTONYMS = [pair.split("/") for pair in WORDS.split()]
OPPOSITE = {a: b for one, two in ANTONYMS for a, b in ((one, two), (two, one))}
NAME = re.compile(r"\b[A-Z][\w'\u2019-]+(?:\s+(?:of\s+|the\s+)?[A-Z][\w'\u2019-]+)*")
NUMBER = re.compile(r"\b\d[\d,]*(?:\.\d+)?(?=s\b|\b)")
AUXILIARY = re.compile(r"\b(is|are|was|were|did|does|do|can|could|will|would|has|have|should)\b", re.IGNORECASE)
QUESTION_WORDS = frozenset(
    ("what", "who", "when", "where", "which", "why", "how", "in", "the", "on", "at", "to", "from")
)


def names(text: str) -> list[str]:
    """Capitalised names of a text that do not open a sentence."""
    found = []
    for match in NAME.finditer(text):
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".?!:\n"
        if not opens and match.group().split()[0].lower() not in QUESTION_WORDS:
            found.append(match.group())
    return found


def swap_number(question: str, passage: str, rng: random.Random) -> str | None:
    """Puts another number in the place of one that the passage holds."""
    places = [m for m in NUMBER.finditer(question) if m.group() in passage]
    if not places:
        return None
    place = rng.choice(places)
    old = place.group()
    if not old.isdigit():
        return None
    value = int(old)
    step = rng.choice([1, 2, 3, 5, 8, 10, 20, 50]) if value > 31 else rng.randint(1, 9)
    new = str(max(1, value + rng.choice([-1, 1]) * step))
    if new in passage or new == old:
        return None
    return question[: place.start()] + new + question[place.end() :]


def swap_name(question: str, passage: str, others: list[str], rng: random.Random) -> str | None:
    """Puts a name of the same article, absent from the passage, in the place of one of the question's."""
    mine = [n for n in names(question) if n in passage]
    free = [n for n in others if n not in passage and n not in question]
    if not mine or not free:
        return None
    old = rng.choice(mine)
    alike = [n for n in free if len(n.split()) == len(old.split())] or free
    return question.replace(old, rng.choice(alike), 1)


def swap_antonym(question: str, rng: random.Random) -> str | None:
    """Puts the opposite in the place of a word."""
    words = [w for w in re.findall(r"[A-Za-z]+", question) if w.lower() in OPPOSITE]
    if not words:
        return None
    old = rng.choice(words)
    new = OPPOSITE[old.lower()]
    return re.sub(rf"\b{old}\b", new.capitalize() if old[0].isupper() else new, question, count=1)


def negate(question: str, rng: random.Random) -> str | None:
    """Puts "not" or "never" behind the auxiliary verb's subject, or behind the verb."""
    match = AUXILIARY.search(question)
    if not match or match.start() == 0 or re.search(r"\b(not|never|no)\b|n't", question):
        return None
    word = "not" if rng.random() < 0.7 else "never"
    return f"{question[: match.end()]} {word}{question[match.end() :]}"


def twist(question: str, passage: str, others: list[str], rng: random.Random) -> str | None:
    """One edit, by names most often, or None where none fits."""
    ways = [
        lambda: swap_name(question, passage, others, rng),
        lambda: swap_number(question, passage, rng),
        lambda: swap_antonym(question, rng),
    ]
    rng.shuffle(ways)
    if rng.random() < 0.08:
        ways.insert(0, lambda: negate(question, rng))
    for way in ways:
        edited = way()
        if edited and edited != question:
            return edited
    return None
