"""What is no question to the text: a greeting, thanks, or asking what this is. It gets a fixed reply, not a quote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chunking import Passage

MAX_TOPICS = 8
_SMALL_TALK = re.compile(
    r"""\W*(?:
      (?:hello|hi+|hey|hiya|greetings|good\ (?:morning|afternoon|evening|day|night))(?:\W+(?:there|all|everyone|again))?
      | (?:ok(?:ay)?|great|cool|perfect|nice|fine|got\ it|i\ see|understood|all\ right|bye|goodbye|see\ you)
      | (?:(?:ok(?:ay)?|great|perfect|fine)\W+)?(?:many\ )?(?:thanks|thank\ you|thx|cheers)
        (?:\W+(?:a\ lot|very\ much|so\ much|again|for\ (?:your|the)\ help|for\ that))?
      | help(?:\ me)? | (?:who|what)\ are\ you | what\ (?:can|do)\ you\ do
      | how\ (?:do\ you\ work|can\ i\ use\ (?:this|it)) | what\ (?:can|should|could)\ i\ ask(?:\ you)?(?:\ about)?
      | what(?:\ is|'s|\ are)\ (?:this|it|these|(?:the|this|your)\ (?:text|document|article|corpus|page|file)s?)
        (?:\ about)?
    )\W*""",
    re.IGNORECASE | re.VERBOSE,
)


def is_small_talk(message: str) -> bool:
    """Whether a whole message is a greeting, thanks, a farewell, or asks what can be asked."""
    return _SMALL_TALK.fullmatch(message) is not None


def reply(passages: Sequence[Passage]) -> str:
    """What this is and what the text is about: its headings, or the names of its files."""
    topics = _topics(passages)
    about = f" It is about: {'; '.join(topics[:MAX_TOPICS])}" if topics else ""
    more = f"; and {len(topics) - MAX_TOPICS} more" if len(topics) > MAX_TOPICS else ""
    return f"Ask about the text: answers are its own words, with their place.{about}{more}{'.' if about else ''}"


def _topics(passages: Sequence[Passage]) -> list[str]:
    """Of several documents the first heading or the name of each; of one the headings one level down, or the first."""
    documents: dict[str, list[tuple[str, ...]]] = {}
    for passage in passages:
        documents.setdefault(passage.document, []).append(passage.section)
    if len(documents) > 1:
        return [next((s[0] for s in sections if s), name) for name, sections in documents.items()]
    sections = [section for found in documents.values() for section in found if section]
    depth = 1 if len({section[0] for section in sections}) == 1 and any(len(s) > 1 for s in sections) else 0
    return list(dict.fromkeys(section[depth] for section in sections if len(section) > depth))
