"""Embedding spread over a Ray cluster, for corpora that would keep one machine busy for hours; the only user of Ray.

Ray Data maps batches of texts over actors (`Dataset.map_batches`), each of which holds an encoder of its own. A vector
depends on its text alone (`embedding`), so that it does not matter which actor made it, nor how often: an actor that
dies is replaced, what it held is made again, and the index has the digest of one that was built here.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING, Any

import numpy as np

from .embedding import DEFAULT_ENCODER, load_encoder
from .errors import OptionalDependencyError, PartnershipQAError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .embedding import Encoder, Vectors

LOCAL = "local"
BATCH = 32
# Vectors that are asked of the cluster at once, and kept by a build that is stopped (each some 1.5 kB).
AT_ONCE = 4096
CONNECT_SECONDS = 5.0


class RayEncoder:
    """An encoder whose many texts are embedded on a cluster; one that few texts are given to works here.

    `name`, `fingerprint`, `dimension`, `max_pieces` are those of the encoder on each machine; `at_once` is how many
    texts a build gives it at a time.
    """

    at_once = AT_ONCE

    def __init__(
        self,
        address: str = LOCAL,
        *,
        encoder: str = DEFAULT_ENCODER,
        actors: int | None = None,
        load: Callable[[str], Encoder] = load_encoder,
    ) -> None:
        """Reach a cluster, or start one on this machine.

        Args:
            address: `local` starts Ray here; else that of a cluster, such as `auto` or `ray://HOST:10001`, whose
                machines have this package and the encoder installed.
            encoder: name of the encoder, as in `load_encoder`.
            actors: how many encoders work side by side; `None` takes one a processor of the cluster.
            load: makes the encoder, here and in every actor.

        Raises:
            OptionalDependencyError: Ray is not installed.
            PartnershipQAError: the cluster cannot be reached.
            ModelError: the encoder's weights are missing or damaged.

        """
        self._here, self._load, self._encoder = load(encoder), load, encoder
        self.name, self.fingerprint = self._here.name, self._here.fingerprint
        self.dimension, self.max_pieces = self._here.dimension, self._here.max_pieces
        ray = _reached(address)
        self._actors = actors or max(1, int(ray.cluster_resources().get("CPU", 1)))

    def count_pieces(self, text: str) -> int:
        """Word pieces of a text, special tokens left out."""
        return self._here.count_pieces(text)

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Unit vectors, float32 of shape (len(texts), dimension), in the order of the texts.

        Raises:
            PartnershipQAError: the cluster failed, or did not give every vector once; what was kept before stays.

        """
        if len(texts) <= BATCH:
            return self._here.encode(texts, progress)
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        given = np.zeros(len(texts), dtype=np.int64)
        try:
            for batch in self._mapped(texts):
                out[batch["number"]] = batch["vector"]
                np.add.at(given, batch["number"], 1)
                if progress is not None:
                    progress(int((given > 0).sum()), len(texts))
        except _ray_errors() as error:
            raise PartnershipQAError(f"The Ray cluster failed ({_first_line(error)}); build again to go on.") from error
        if not np.all(given == 1):
            raise PartnershipQAError("The Ray cluster lost or repeated texts; build again to go on.")
        return out

    def _mapped(self, texts: Sequence[str]) -> Any:
        import ray

        rows = [{"number": number, "text": text} for number, text in enumerate(texts)]
        blocks = max(self._actors, -(-len(texts) // BATCH))
        # Ray Data starts an actor that dies again, and gives its batch to one that lives.
        embedded = ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
            _Embed,
            fn_constructor_args=(self._load, self._encoder),
            batch_size=BATCH,
            compute=ray.data.ActorPoolStrategy(size=self._actors),
            num_cpus=1,
        )
        return embedded.iter_batches(batch_size=None, batch_format="numpy")


class _Embed:
    """What an actor does: a batch of texts into their vectors."""

    def __init__(self, load: Callable[[str], Encoder], encoder: str) -> None:
        self._encoder = load(encoder)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {"number": batch["number"], "vector": self._encoder.encode([str(text) for text in batch["text"]])}


def _reached(address: str) -> Any:
    """Ray, connected; nothing is reported to its makers."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise OptionalDependencyError("ray", "ray", "Embedding on a cluster") from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    if not ray.is_initialized():
        options: dict[str, Any] = {"include_dashboard": False} if address == LOCAL else {"address": address}
        try:
            _knock(address)
            ray.init(log_to_driver=False, logging_level="ERROR", runtime_env={"env_vars": quiet}, **options)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            what = f"No Ray cluster answers at {address} ({_first_line(error)})."
            raise PartnershipQAError(f"{what} Start one, or take --ray {LOCAL}.") from error
    return ray


def _knock(address: str) -> None:
    """Raise `OSError` where an address with a port takes no connection: Ray itself would try for minutes."""
    host, _, port = address.rpartition("/")[2].rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()


def _ray_errors() -> tuple[type[Exception], ...]:
    import ray.exceptions

    return (ray.exceptions.RayError, ConnectionError)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
