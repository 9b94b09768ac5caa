"""A follow-up and its history to a question that stands alone, by general rules of English, without a model.

Three things make a question lean on what came before: it is a fragment (`And in 2023?`), it points back (`What did he
call it?`), or it says nothing on its own (`Why?`). A fragment takes the place of its like in the question before; a
pronoun is replaced by the name it points to; a question with no name to point to that says little gets the topic in
brackets. Every word that is carried over stands in an earlier message, and a question without such a sign is left
alone: what was said before then counts in the search only (`said_before`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text import content_words, fold
from .smalltalk import is_small_talk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_FRAGMENT_WORDS = 7
MAX_TOPIC_WORDS = 5
MAX_THIN_WORDS = 2
MAX_CONTEXT_CHARS = 1000
_DEPTH = 3

_OPENING = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|thanks|thank you|great|got it|i see|well|so|and|but|or|also|then)\b[\s,.!]*)*", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how)\s+about\s+|^(?:the\s+)?same\s+(?:question\s+)?(?:for|about|with)\s+", re.IGNORECASE)
_PREPOSITIONS = "in|for|of|at|on|from|about|with|by|to|during|since|before|after|under|against|between"
_PREPOSITION = re.compile(rf"^({_PREPOSITIONS})\s+", re.IGNORECASE)
# What a whole clause of a question begins with or holds; a fragment has none of it.
_CLAUSE = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|be|been|am|do|does|did|done|has|have|had|can|"
    r"could|will|would|shall|should|may|might|must|i|you|we|tell|explain|show|list|give|name|describe|need|want)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(he|she|him|his|her|hers)\b", re.IGNORECASE)
_THING = re.compile(r"\b(it|its|they|them|their|theirs)\b", re.IGNORECASE)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|be|would|will|can|could|does|makes?)\s+it\s+(?:\w+ly\s+)?"
    r"(?:possible|important|necessary|true|okay|better|safe|worth|hard|easy|difficult|legal|common|normal|take|matter)\b"
    r"|\bit(?:'s|\s+is|\s+was)\s+(?:\w+ly\s+)?(?:possible|important|necessary|true|better|hard|easy|difficult)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w.])(?:[A-Z0-9][\w&.+-]*\w|[A-Z])(?:\s+(?:(?:of|the|de|von|van)\s+)?[A-Z0-9][\w&.+-]*\w)*")
_NUMBER = re.compile(r"(?<![\w.])[$€£]?\d[\d.,]*(?:\w+)?%?(?!\w)")


@dataclass(frozen=True, slots=True)
class Completed:
    """A question with what it leaves out.

    Attributes:
        text: it stands alone.
        reading: what a reader is asked: the same where it is English, a name for the pronoun; else the question as it
            was put, for a string of topic words in brackets is not.

    """

    text: str
    reading: str


def complete(question: str, history: Sequence[Mapping[str, object]]) -> Completed | None:
    """The question completed from the conversation, or `None` where it stands on its own.

    Args:
        question: the newest message of the user.
        history: earlier messages, oldest first, as `{"role": "user" | "assistant", "content": ...}`.
    """
    return _complete(question, [(str(m.get("role", "")), _text(m.get("content", ""))) for m in history], _DEPTH)


def said_before(history: Sequence[Mapping[str, object]]) -> str:
    """The last question and its reply, at most `MAX_CONTEXT_CHARS` of them; empty where nothing was said."""
    return " ".join(_text(m.get("content", "")) for m in history[-2:]).strip()[:MAX_CONTEXT_CHARS]


def lean_on(first: str, second: str) -> str:
    """The second of two questions in one, completed from the first, whose names it needs where it has none.

    `Who was Whitehill and what did he hold?` asks what Whitehill held; `Who were the candidates in 1844 and what
    share did the winner get?` asks for the share in 1844.
    """
    resolved = complete(second, [{"role": "user", "content": first}])
    if resolved is not None:
        return resolved.text
    names = [*_names(first), *(name for name in _NUMBER.findall(first) if name not in " ".join(_names(first)))]
    if not names or _names(second) or _NUMBER.search(second):
        return second
    return f"{second.rstrip(' ?.!')} ({' '.join(dict.fromkeys(names))})?"


def _text(content: object) -> str:
    """Text of a message; a chat page may hand it over as a list of blocks."""
    if isinstance(content, list):
        return " ".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
    return content if isinstance(content, str) else ""


def _complete(question: str, history: list[tuple[str, str]], depth: int) -> Completed | None:
    asked = [n for n, (role, text) in enumerate(history) if role == "user" and not is_small_talk(text)]
    if not asked or not depth:
        return None
    before = history[asked[-1]][1]
    completed = _complete(before, history[: asked[-1]], depth - 1)
    before = completed.text if completed else before
    replies = [text for role, text in history[asked[-1] + 1 :] if role == "assistant"]
    reply = replies[-1] if replies else ""
    fragment = _fragment(question)
    if fragment:
        text = _put_in(fragment, before)
        return Completed(text, text)
    resolved = _resolved(question, before, reply)
    if resolved is not None and fold(resolved.text) != fold(question):
        return resolved
    if content_words(question) or not (text := _with_topic(question, before)):
        return None
    return Completed(text, text)


def _fragment(question: str) -> str:
    """The question without its opening, where it is no clause but a part of one; else empty."""
    rest = _OPENING.sub("", question, count=1).strip(" ?!.")
    body = _ABOUT.sub("", rest, count=1)
    opened = body != rest or rest.lower() != question.strip(" ?!.").lower()
    if not body or len(body.split()) > MAX_FRAGMENT_WORDS or _CLAUSE.search(body):
        return ""
    # Two bare words may be a search; a fragment has an opening or begins with a preposition.
    return body if opened or _PREPOSITION.match(body) else ""


def _put_in(fragment: str, before: str) -> str:
    """The question before with its like replaced by the fragment: a number by a number, a name by a name."""
    match = _PREPOSITION.match(fragment)
    preposition = match.group(1) if match else ""
    content = fragment[match.end() :] if match else fragment
    kind = _NUMBER if _NUMBER.search(content) else _NAME if _NAME.search(content) else None
    if kind is not None:
        places = [m for m in kind.finditer(before) if m.start() > 0]
        after = [
            m
            for m in places
            if preposition and re.search(rf"\b{preposition}\s+(?:the\s+)?$", before[: m.start()], re.IGNORECASE)
        ]
        if after or (places and not preposition):
            chosen = (after or places)[-1]
            return before[: chosen.start()] + content + before[chosen.end() :]
    # A bare noun takes the place of what the question was about; one with a preposition that of its own kind.
    wanted = preposition or "about|of|for|on"
    phrase = re.search(
        rf"\b(?:{wanted})\s+(?!.*\b(?:{wanted})\s)(.+?)(?=\s+(?:{_PREPOSITIONS})\s|[?.!,]|$)", before, re.IGNORECASE
    )
    if phrase:
        return before[: phrase.start(1)] + content + before[phrase.end(1) :]
    return f"{before.rstrip(' ?.!')} {'' if preposition else 'about '}{fragment}?"


def _resolved(question: str, before: str, reply: str) -> Completed | None:
    """The question with its pronoun replaced; `None` where it has none or nothing is known to stand for it."""
    names = _names(before)
    person = _PERSON.search(question)
    if person:
        if _own_antecedent(question, person.start()):
            return None
        said = _people(_names(reply))
        short = said[:1] if len(reply.split()) <= 8 else []
        found = next(iter((*short, *reversed(_people(names)), *said)), "")
        if not found:
            return None
        text = _replace(question, person, found)
        return Completed(text, text)
    if _EXPLETIVE.search(question):
        return None
    thing = _THING.search(question)
    if thing and not _own_antecedent(question, thing.start()):
        if names:
            text = _replace(question, thing, names[-1])
            return Completed(text, text)
        if 0 < len(content_words(question)) <= MAX_THIN_WORDS and (text := _with_topic(question, before)):
            return Completed(text, question)
    return None


def _with_topic(question: str, before: str) -> str:
    """A question that says little, with the topic of the one before in brackets; empty where that has none."""
    topic = " ".join(dict.fromkeys((*_names(before)[-2:], *_topic(question, before).split())))
    return f"{question.rstrip(' ?.!')} ({topic})?" if topic else ""


def _names(text: str) -> list[str]:
    """Names in a text: runs of capitalised words, the word that merely opens a sentence left out."""
    found = []
    for match in _NAME.finditer(text):
        name = match.group()
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".?!:"
        if opens:
            head, _, tail = name.partition(" ")
            if _CLAUSE.fullmatch(head) or not content_words(head):
                name = tail
            elif not tail and not any(char.isupper() or char.isdigit() for char in head[1:]) and len(text.split()) > 1:
                continue
        if name and content_words(name):
            found.append(name)
    return found


def _people(names: Sequence[str]) -> list[str]:
    """Names that a person may have: those without a figure."""
    return [name for name in names if not any(char.isdigit() for char in name)]


def _topic(question: str, before: str) -> str:
    """Content words of the question before that this one does not have, in order."""
    own = {fold(word) for word in content_words(question)}
    return " ".join([word for word in content_words(before) if fold(word) not in own][:MAX_TOPIC_WORDS])


def _own_antecedent(question: str, at: int) -> bool:
    """Whether a name or a longer noun stands before the pronoun in the same question, so that it needs no history."""
    head = question[:at]
    return bool([name for name in _names(head) if name.lower() != "i"]) or len(content_words(head)) >= 3


def _replace(question: str, pronoun: re.Match[str], words: str) -> str:
    possessive = fold(pronoun.group(1)) in ("his", "its", "their", "hers", "theirs") or (
        fold(pronoun.group(1)) == "her" and re.match(r"\s+\w", question[pronoun.end() :]) is not None
    )
    return question[: pronoun.start()] + words + ("'s" if possessive else "") + question[pronoun.end() :]
