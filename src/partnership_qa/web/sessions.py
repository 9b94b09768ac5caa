"""Who is asking, and whose state gradio keeps: that of visitors, and of single calls over HTTP while they go on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradio.context import LocalContext
from gradio.state_holder import StateHolder

if TYPE_CHECKING:
    from gradio.blocks import Blocks
    from gradio.routes import App

# More than can wait and be answered at once, so that none of these is ever in use.
MAX_CALLS = 128
_CALL = re.compile(r"[0-9a-f]{32}")


def visitor() -> tuple[str, str]:
    """The session whose request is being answered, and the collection that its page's address names.

    Both are empty outside a handler of gradio, and the latter where the address names none.
    """
    request = LocalContext.request.get(None)
    if request is None:
        return "", ""
    return str(request.session_hash or ""), str(dict(request.query_params or {}).get("collection", ""))


class Sessions(StateHolder):
    """Gradio makes a session of about 100 KB for each call over HTTP, and nobody ever comes back to it.

    Kept like those of visitors, a thousand calls would push out every conversation. The id of such a session is that of
    the call, 32 hexadecimal digits; a browser's is shorter, and `gradio_client` writes its own with hyphens.
    """

    def update(self, session_id: str) -> None:
        """Note that a session is in use, and let go of the oldest calls."""
        super().update(session_id)
        if not _CALL.fullmatch(session_id):
            return
        with self.lock:
            calls = [one for one in self.session_data if _CALL.fullmatch(one)]
            for old in calls[:-MAX_CALLS]:
                self.session_data.pop(old, None)
                self.time_last_used.pop(old, None)


def keep_visitors_only(app: App, blocks: Blocks) -> None:
    """Put `Sessions` in the place of gradio's own holder; called before anybody has come."""
    app.state_holder = Sessions()  # type: ignore[no-untyped-call]
    app.state_holder.set_blocks(blocks)
