"""Whether words that an answer says of the texts, such as a heading that its quote stands under, stand in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..text import plain
from .flat import flatten

if TYPE_CHECKING:
    from .corpus import Files
    from .given import Named


def stands_somewhere(named: Named, files: Files) -> bool:
    """Whether the words stand in their document, or that cannot be told: it is not there, or is no longer the same."""
    if named.document is None:
        return any(named.words == name or _says(name, named.words, files) for name in files.names)
    if not files.has(named.document) or files.document(named.document) is None:
        return True
    other = named.sha256 is not None and files.sha256(named.document) != named.sha256
    return other or _says(named.document, named.words, files)


def _says(name: str, words: str, files: Files) -> bool:
    document = files.document(name)
    if document is None:
        return False
    asked = {plain(words, name), flatten(words)}
    wholes = (plain(document.text, name), flatten(document.text))
    # What a parser gives as a heading, such as the subject of a mail, need not stand in the text.
    given = {flatten(one) for section in document.sections for one in section.headings}
    return not asked.isdisjoint(given) or any(one in whole for one in asked for whole in wholes)
