"""What must be set before gradio is imported: nothing leaves the machine, and uploads have a place of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

_QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SHARE": "False",
    "GRADIO_SSR_MODE": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


@cache
def prepare() -> Path:
    """Set the environment once a process.

    Returns:
        The folder that uploads pass through; it is emptied as they are read, and removed when the process ends.

    """
    os.environ.update(_QUIET)
    folder = tempfile.mkdtemp(prefix="partnership-qa-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["GRADIO_TEMP_DIR"] = folder
    return Path(folder)
