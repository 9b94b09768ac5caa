"""The command line, one of the two faces of `QA`."""

import os
import sys
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Entry point of the console script."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    command, given = sys.argv[1:2], {argument.partition("=")[0] for argument in sys.argv[2:]}
    if command not in (["ask"], ["search"]):
        from .app import main as run_any

        return run_any()
    if not given & {"--help", "--reader"}:
        from ..ahead import load_ahead

        load_ahead(reader=command == ["ask"])
    # A question waits for no other command.
    from .asking import ask, register
    from .frame import new_app, run
    from .plainly import called, plain_question

    plain = plain_question(sys.argv[2:]) if command == ["ask"] else None
    if plain is not None:
        code = run(lambda standalone_mode: called(ask, plain))  # noqa: ARG005 - as a command is called
    else:
        app = new_app()
        register(app)
        code = run(app)
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Models are given back to the system with the process: to take them apart first costs a tenth of a second.
    os._exit(code)
