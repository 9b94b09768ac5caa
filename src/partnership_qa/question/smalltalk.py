"""What is no question to the text: a greeting, thanks, or asking what this is. It gets a fixed reply, not a quote."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING

from ..proof.wording import TOPIC_SEPARATOR, greeting
from ..text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..chunking import Passage

MAX_TOPICS = 8
_THE_TEXT = r"(?:this|it|these|everything|(?:the|this|your)\ (?:whole\ )?(?:text|document|article|corpus|page|file)s?)"
# A single word that a text may be about, such as `help` or `fine`, is a question.
_SMALL_TALK = re.compile(
    rf"""\W*(?:
      (?:hello|hi+|hey|hiya|greetings|good\ (?:morning|afternoon|evening|day|night))(?:\W+(?:there|all|everyone|again))?
      | ok(?:ay)? | got\ it | bye | goodbye | see\ you
      | (?:(?:ok(?:ay)?|great|cool|nice|perfect|fine)\W+)?(?:many\ )?(?:thanks|thank\ you|thx|cheers)
        (?:\W+(?:a\ lot|very\ much|so\ much|again|for\ (?:your|the)\ help|for\ that))?
      | help\ me | (?:who|what)\ are\ you | what\ (?:can|do)\ you\ do
      | how\ (?:do\ you\ work|can\ i\ use\ (?:this|it)) | what\ (?:can|should|could)\ i\ ask(?:\ you)?(?:\ about)?
      | what(?:\ is|'s|\ are)\ {_THE_TEXT}(?:\ about)?
    )\W*""",
    re.IGNORECASE | re.VERBOSE,
)
_SUMMARY = re.compile(
    rf"""\W*(?:(?:please|can\ you|could\ you)\ )*(?:
      summari[sz]e(?:\ {_THE_TEXT})? | (?:(?:give|write|make)\ (?:me\ )?)?(?:an?\ |the\ )?summary\ of\ {_THE_TEXT}
      | (?:give|write|make)\ (?:me\ )?a\ summary | tl\W?dr
    )(?:\W+please)?\W*""",
    re.IGNORECASE | re.VERBOSE,
)
_FILE = re.compile(r"\S+\.[A-Za-z]\w{0,4}")
_LETTERS = re.compile(r"[^\W\d_]+")
_MONTHS = frozenset(name.lower() for name in (*calendar.month_name, *calendar.month_abbr))


def is_small_talk(message: str) -> bool:
    """Whether a whole message is a greeting, thanks, a farewell, asks what can be asked, or wants a summary of all."""
    return _SMALL_TALK.fullmatch(message) is not None or _SUMMARY.fullmatch(message) is not None


def reply(passages: Sequence[Passage], message: str = "") -> str:
    """What this is and what the text is about: its headings, or the names of its files.

    Args:
        passages: of the index.
        message: what is replied to; one that wants a summary is told that there is none.
    """
    topics = _topics(passages)
    summary = _SUMMARY.fullmatch(message) is not None
    return greeting(TOPIC_SEPARATOR.join(topics[:MAX_TOPICS]), max(0, len(topics) - MAX_TOPICS), summary=summary)


def _topics(passages: Sequence[Passage]) -> list[str]:
    """Of several documents the first heading or the name of each; of one the headings one level down, or the first."""
    documents: dict[str, list[tuple[str, ...]]] = {}
    for passage in passages:
        documents.setdefault(passage.document, []).append(passage.section)
    if len(documents) > 1:
        firsts = {
            name: _telling(plain(section[0], name) for section in found if section) for name, found in documents.items()
        }
        return list(dict.fromkeys(headings[0] if headings else name for name, headings in firsts.items()))
    sections = [
        tuple(plain(one, name) for one in section) for name, found in documents.items() for section in found if section
    ]
    depth = 1 if len({section[0] for section in sections}) == 1 and any(len(s) > 1 for s in sections) else 0
    return _telling(section[depth] for section in sections if len(section) > depth)


def _telling(headings: Iterable[str]) -> list[str]:
    """Those that say something, each once: no number, letter, date or name of a file."""
    return [heading for heading in dict.fromkeys(headings) if _tells(heading)]


def _tells(heading: str) -> bool:
    words = [word for word in _LETTERS.findall(heading.lower()) if word not in _MONTHS]
    return any(len(word) > 2 or not word.isascii() for word in words) and not _FILE.fullmatch(heading.strip())
