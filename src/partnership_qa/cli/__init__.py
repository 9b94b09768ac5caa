"""The command line, one of the two faces of `QA`."""

import sys
import threading
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Entry point of the console script."""
    if sys.argv[1:2] in (["ask"], ["search"]) and not {"--help", "--reader"} & {*sys.argv}:
        # Begun before the command line itself is loaded, as half of it is done outside Python.
        threading.Thread(target=_load_models, args=sys.argv[1:2], name="models").start()
    from .app import main as run

    run()


def _load_models(command: str) -> None:
    # What goes wrong here goes wrong again where the models are used, and is told there.
    with suppress(Exception):
        from ..embedding import load_encoder

        load_encoder()
        if command == "ask":
            from ..reading import load_reader

            load_reader()
