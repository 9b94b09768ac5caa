"""The chat page; the only user of gradio, which is not imported before `serve` is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..ahead import load_ahead
from ..errors import PartnershipQAError
from ..integrations.keyed import LOOPBACK

if TYPE_CHECKING:
    import os

__all__ = ["serve"]


def serve(
    *,
    index: str | os.PathLike[str] | None = None,
    host: str = "127.0.0.1",
    port: int | None = None,
    auth: tuple[str, str] | None = None,
    open_browser: bool = False,
    allow_public: bool = False,
    keep_conversations: bool = True,
    allowed_signers: str | os.PathLike[str] | None = None,
    threshold: float | str | None = None,
) -> None:
    """Open the page and answer until it is stopped (Ctrl-C).

    Args:
        index: folder of the index; `None` takes the default one, and builds it where it is missing.
        host: address to listen at; one that other machines reach demands `auth` or `allow_public`.
        port: `None` takes the first free one from 7860 on.
        auth: name and password that visitors give.
        open_browser: open the page in the browser of this machine.
        keep_conversations: keep them on this machine, to be listed and opened again in the page; only where `host` is
            this machine's own address, as every visitor sees them.
        allowed_signers: a file of those who must have signed what is answered from, as `ssh-keygen` reads it; the page
            then changes no texts.
        threshold: decline below this confidence, in [0, 1]; `"card"` takes that of the index's risk card, which is then
            signed too where signers are named. A version without a card keeps the threshold before it. `None` takes
            the calibrated one.
        allow_public: everybody who reaches `host` may ask, read the texts and change them.

    Raises:
        PartnershipQAError: the index cannot be used, or the page would be open to others without a word from you.

    """
    if host not in LOOPBACK and auth is None and not allow_public:
        raise PartnershipQAError(
            f"At {host} other machines could read your texts and change them. "
            "Give a name and a password (auth), or say that everybody may (allow_public)."
        )
    signers = None if allowed_signers is None else Path(allowed_signers).expanduser()
    load_ahead()
    # Gradio reads its environment when it is imported, so this comes first.
    from . import environment

    environment.import_gradio()
    from .server import run

    run(index, host, port, auth, open_browser, keep_conversations, signers, threshold)
