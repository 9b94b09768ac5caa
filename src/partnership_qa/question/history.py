"""A follow-up and its history to a question that stands alone, by a few general rules of English, without a model.

A question leans on what came before where it is a fragment (`And in 2023?`), says little besides `he` or `it`, or says
nothing on its own (`Why?`). A fragment takes the place of its like in the question before. Else no word is put into the
question: it is searched for with the words of the one before and read as it was put, and what was said before counts in
the search (`said_before`). Putting names in the place of pronouns was no better (docs/experiments.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import QuestionError
from ..text import FUNCTION_WORDS, content_words, fold, word_spans
from .smalltalk import is_small_talk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_FRAGMENT_WORDS = 7
MAX_TOPIC_WORDS = 8
MAX_THIN_WORDS = 3
MAX_CONTEXT_CHARS = 1000
MAX_MESSAGE_CHARS = 2000
_DEPTH = 3

_OPENING = re.compile(
    r"^\W*(?:(?:(?:ok(?:ay)?|thanks|so|and|but|or|also|then)\b[\s,.!]*)+(?:(?:what|how)\s+(?=about\b))?"
    r"|(?:what|how)\s+(?=about\b)|(?:the\s+)?same\s+(?:question\s+)?(?=(?:for|about|with)\b))",
    re.IGNORECASE,
)
_PREPOSITIONS = "in|for|of|at|on|from|about|with|by|to|during|since|before|after|under|against|between"
_PREPOSITION = re.compile(rf"({_PREPOSITIONS})\s+", re.IGNORECASE)
# What a whole clause of a question begins with or holds; a fragment has none of it.
_CLAUSE_WORDS = (
    "who|whom|whose|what|which|when|where|why|how|is|are|was|were|be|been|am|do|does|did|done|has|have|had|can|"
    "could|will|would|shall|should|may|might|must|i|you|we|tell|explain|show|list|give|name|describe|need|want"
)
_CLAUSE = re.compile(rf"\b(?:{_CLAUSE_WORDS})\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:he|she|him|his|hers?|its?|they|them|theirs?)\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?<![\w.,])[$€£]?[A-Z0-9](?:[\w&.,+-]*\w)?%?(?:\s+(?:(?:of|the|de|von|van)\s+)?[A-Z0-9](?:[\w&.,+-]*\w)?%?)*"
)
# `What is the rent?`, with nothing behind its noun.
_PLAIN = re.compile(
    r"(\W*(?:what|who|where|how\s+\w+)(?:\s+(?:is|are|was|were)|['’]s)\s+)(the\s+.+?)(\W*)",  # noqa: RUF001
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Completed:
    """A question with what it leaves out.

    Attributes:
        text: what is searched for; where words of the question before had no place in it, they follow in brackets.
        reading: what a reader is asked: the same, or without such words the question as it was put.

    """

    text: str
    reading: str


def complete(question: str, history: Sequence[Mapping[str, object]]) -> Completed | None:
    """The question completed from the conversation, or `None` where it stands on its own or it is not certain how.

    Args:
        question: the newest message of the user.
        history: earlier messages, oldest first, as `{"role": "user" | "assistant", "content": ...}`.
    """
    return _complete(question, [(str(m.get("role", "")), _text(m.get("content", ""))) for m in history], _DEPTH)


def checked_history(value: object, what: str = "The history") -> list[Mapping[str, object]]:
    """The history, where it has the form that `complete` takes; a list of blocks as a chat page has them is a text too.

    Args:
        value: what somebody gave as a history.
        what: how to call it in a message.

    Raises:
        QuestionError: it has another form; the message says where.

    """
    form = 'give a list of messages such as {"role": "user", "content": "Who kept the light?"}'
    if not isinstance(value, list | tuple):
        raise QuestionError(f"{what} is no list: {form}, oldest first.")
    for number, message in enumerate(value, 1):
        where = f"Message {number} of {what[0].lower()}{what[1:]}"
        if not isinstance(message, dict):
            raise QuestionError(f"{where} is no object: {form}.")
        if message.get("role") not in ("user", "assistant"):
            raise QuestionError(f"{where} has a role that is neither user nor assistant: {form}.")
        if not isinstance(message.get("content"), str | list):
            raise QuestionError(f"{where} has no content that is text: {form}.")
    return list(value)


def said_before(history: Sequence[Mapping[str, object]]) -> str:
    """The last question and its reply, at most `MAX_CONTEXT_CHARS` of them; empty where nothing was said."""
    return " ".join(_text(m.get("content", "")) for m in history[-2:]).strip()[:MAX_CONTEXT_CHARS]


def lean_on(first: str, second: str) -> str:
    """The second of two questions in one, completed from the first, whose names it needs where it has none.

    `Who was Whitehill and what did he hold?` asks for what Whitehill held; `Who were the candidates in 1844 and what
    share did the winner get?` for the share in 1844.
    """
    return second if _names(second) or not (_names(first) or _PRONOUN.search(second)) else _with_topic(second, first)


def _text(content: object) -> str:
    """Text of a message, as much as counts; a chat page may hand it over as a list of blocks."""
    if isinstance(content, list):
        content = " ".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
    return content[:MAX_MESSAGE_CHARS] if isinstance(content, str) else ""


def _complete(question: str, history: list[tuple[str, str]], depth: int) -> Completed | None:
    asked = [n for n, (role, text) in enumerate(history) if role == "user" and not is_small_talk(text)]
    if not asked or not depth or not _is_english(question):
        return None
    before = history[asked[-1]][1]
    earlier = _complete(before, history[: asked[-1]], depth - 1) or Completed(before, before)
    if fragment := _fragment(question):
        if text := _put_in(fragment, earlier.reading):
            return Completed(text, text)
        if fold(fragment) == fold(question.strip(" ?!.")):
            return None  # nothing says that it is more than words to search for
    elif content_words(question) and not _points_back(question):
        return None
    text = _with_topic(question, earlier.text)
    return Completed(text, question) if text != question else None


def _is_english(question: str) -> bool:
    """Whether nothing speaks against English: other letters or signs, or words with hardly a function word."""
    words = [word for span in word_spans(question) if (word := question[slice(*span)].replace("’", "'"))[0].isalpha()]  # noqa: RUF001
    known = [word for word in words if fold(word) in FUNCTION_WORDS]
    lower = [word for word in words if not word[0].isupper()]
    # One of two letters, such as `in`, is a word of other languages too.
    enough = len(known) > 1 or any(len(word) > 2 for word in known) or set(lower) <= set(known)
    return enough and "¿" not in question and all(word.isascii() for word in lower)


def _fragment(question: str) -> str:
    """The question without its opening, where it is no clause but a part of one; else empty."""
    fragment = _OPENING.sub("", question, count=1).strip(" ?!.")
    if not fragment or len(fragment.split()) > MAX_FRAGMENT_WORDS or _CLAUSE.search(fragment):
        return ""
    # Two bare words may be a search; a fragment has an opening or begins with a preposition.
    opened = fold(fragment) != fold(question.strip(" ?!."))
    return fragment if opened or _PREPOSITION.match(fragment) else ""


def _put_in(fragment: str, before: str) -> str:
    """The question before with its like replaced by the fragment; empty where that has no like, or several."""
    preposition = _PREPOSITION.match(fragment)
    content = fragment[preposition.end() :] if preposition else fragment
    places: list[tuple[int, int]] = []
    if preposition:
        # A phrase ends where another, or a clause, begins.
        phrase = rf"\b{preposition[1]}\s+(.+?)(?=\s+(?:and\s+)?(?:{_PREPOSITIONS}|{_CLAUSE_WORDS})\b|[?!;]|,\s|[.\s]*$)"
        places = [m.span(1) for m in re.finditer(phrase, before, re.IGNORECASE) if _kind(m[1]) == _kind(content)]
        if not places and preposition[1].lower() == "about":  # `What about Anna?`
            return _put_in(content, before) if content else ""
    elif _kind(content) != "words":
        places = [(at, at + len(name)) for at, name in _names(before) if _kind(name) == _kind(content)]
    elif content.lower().startswith("the ") and (plain := _PLAIN.fullmatch(before)):
        places = [plain.span(2)] if not any(fold(w) in FUNCTION_WORDS for w in plain[2].split()[1:]) else []
    if len(places) != 1:
        return ""
    ((start, end),) = places
    if set(before[end:].split()[:1]) & set(content.split()):
        return ""  # from 2018 to 2019, and from 2020 to 2022
    return before[:start] + content + before[end:]


def _kind(phrase: str) -> str:
    if any(char.isdigit() for char in phrase):
        return "number"
    return "name" if _NAME.fullmatch(phrase.removeprefix("the ")) else "words"


def _points_back(question: str) -> bool:
    """Whether a question names nothing and says little besides a pronoun."""
    thin = len(content_words(question)) <= MAX_THIN_WORDS
    return thin and _PRONOUN.search(question) is not None and not _names(question)


def _names(text: str) -> list[tuple[int, str]]:
    """Names and numbers in a text with their places: runs of capitalised words, but for one that opens a sentence."""
    found = []
    for match in _NAME.finditer(text):
        at, name = match.start(), match.group()
        if at == 0 or text[:at].rstrip()[-1:] in ".?!:":
            head, _, tail = name.partition(" ")
            if _CLAUSE.fullmatch(head) or not content_words(head):
                at, name = at + len(head) + 1, tail
            elif not tail and head[1:].islower() and len(text.split()) > 1:
                continue
        if content_words(name):
            found.append((at, name))
    return found


def _with_topic(question: str, before: str) -> str:
    """A question with the content words of the one before that it has not, in brackets."""
    own = {fold(word) for word in content_words(question)}
    topic = [word for word in content_words(before) if fold(word) not in own][:MAX_TOPIC_WORDS]
    return f"{question.rstrip(' ?.!')} ({' '.join(topic)})?" if topic else question
