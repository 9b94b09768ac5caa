"""Embedding on a Ray of two workers on this machine: the same vectors, and nothing lost where one is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fakes import FakeEncoder

pytest.importorskip("ray", reason="embedding on a cluster needs ray")

from partnership_qa.bulk import BATCH, RayEncoder
from partnership_qa.errors import PartnershipQAError
from partnership_qa.home import build_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.filterwarnings("ignore")  # of Ray, about itself
TESTS = str(Path(__file__).parent)
TEXTS = [f"The keeper of light number {number} wrote a report." for number in range(12 * BATCH)]


def recording(folder: Path, seconds: float = 0.0) -> Callable[[str], Any]:
    """What makes an encoder that leaves a file with its process's number for each batch that it is given."""
    place = str(folder)

    def load(name: str) -> Any:
        import sys

        sys.path.insert(0, TESTS)  # an actor is another process
        import fakes

        class Recording(fakes.FakeEncoder):
            def encode(self, texts: Any, progress: Any = None) -> Any:
                Path(place, f"{os.getpid()}-{time.monotonic_ns()}").touch()
                time.sleep(seconds)
                return super().encode(texts, progress)

        return Recording()

    return load


def processes(folder: Path) -> set[int]:
    return {int(file.name.partition("-")[0]) for file in folder.iterdir()} - {os.getpid()}


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    import ray

    yield
    ray.shutdown()


def test_vectors_are_those_that_are_made_here_whoever_dies(tmp_path: Path) -> None:
    encoder = RayEncoder(actors=2, load=recording(tmp_path, 0.3))
    killed: list[int] = []

    def kill() -> None:
        while len(list(tmp_path.iterdir())) < 4:
            time.sleep(0.05)
        killed.append(min(processes(tmp_path)))
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    told: list[int] = []
    vectors = encoder.encode(TEXTS, lambda done, _: told.append(done))
    killer.join()
    assert np.array_equal(vectors, FakeEncoder().encode(TEXTS))
    assert len(processes(tmp_path) - set(killed)) >= 2
    assert told == sorted(told)
    assert told[-1] == len(TEXTS)


def test_an_index_has_the_digest_of_one_that_was_built_here(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "seen").mkdir()
    text = "\n\n".join(f"# Part {number}\n\n{said}" for number, said in enumerate(TEXTS[: 3 * BATCH]))
    (tmp_path / "corpus" / "reports.md").write_text(text, encoding="utf-8")
    encoder = RayEncoder(actors=2, load=recording(tmp_path / "seen"))
    here = build_index(tmp_path / "corpus", tmp_path / "here", encoder=FakeEncoder())
    there = build_index(tmp_path / "corpus", tmp_path / "there", encoder=encoder)
    assert there.embedded == 3 * BATCH
    assert there.digest == here.digest
    assert processes(tmp_path / "seen")


def test_a_few_texts_are_embedded_here(tmp_path: Path) -> None:
    encoder = RayEncoder(actors=2, load=recording(tmp_path))
    assert np.array_equal(encoder.encode(TEXTS[:2]), FakeEncoder().encode(TEXTS[:2]))
    assert processes(tmp_path) == set()


def test_a_cluster_that_is_not_there_is_named() -> None:
    import ray

    ray.shutdown()
    with pytest.raises(PartnershipQAError, match=r"No Ray cluster answers at 127\.0\.0\.1:1"):
        RayEncoder("127.0.0.1:1", load=lambda _: FakeEncoder())
