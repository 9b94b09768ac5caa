"""Trains the quick look further, from the graph that ships, on what the last stage of the reader sees.

    python training/proposer.py               # trains, and writes training/runs/proposer/proposer.onnx
    python training/proposer.py --figures     # what the shipped one and the new one are worth

It is a MiniLM of six layers that takes rows of the encoder's word table, which stays as it is; its position table, its
matrices and its heads were trained before by a recipe that is no longer kept (see the model card).
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import onnxruntime as ort
import torch
import torch.nn.functional as F
from data import pools_in
from development import figures
from export import OPSET, write_int8
from layout import CLOSE, as_bert
from model import MASKED, PAD, Layer
from render import Renderer
from safetensors.torch import load_file
from settings import ROOT, SETTINGS
from shipped import matrix, stored_in
from torch import Tensor, nn
from train import batches, span_loss

from partnership_qa.embedding import default_model_dir

if TYPE_CHECKING:
    from pathlib import Path

    from layout import Row

SHIPPED = ROOT / "src/partnership_qa/model/proposer.onnx"
WIDTH, INNER, DEPTH, EPS = 384, 1536, 6, 1e-12
OUTPUTS = ["start_logits", "end_logits", "answerable"]
INPUTS = ["inputs_embeds", "attention_mask", "token_type_ids"]


class Proposer(nn.Module):
    """BERT without its word table, with a start and an end logit per token and one for "this answers"."""

    def __init__(self, positions: int) -> None:
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.position = nn.Embedding(positions, WIDTH)
        self.encoder.segment = nn.Embedding(2, WIDTH)
        self.encoder.norm = nn.LayerNorm(WIDTH, eps=EPS)
        self.encoder.layers = nn.ModuleList(Layer(WIDTH, INNER, EPS) for _ in range(DEPTH))
        self.span = nn.Linear(WIDTH, 2)
        self.answerable = nn.Linear(WIDTH, 1)
        self.dropout = 0.0

    def forward(self, embeds: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Start and end logits of every token, and `answerable` of every row."""
        own = self.encoder
        places = torch.arange(embeds.shape[1])
        x = own.norm(embeds + own.position(places)[None] + own.segment(types))  # type: ignore[operator]
        x = F.dropout(x, self.dropout, self.training)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * MASKED
        for layer in own.layers:  # type: ignore[union-attr]
            x = layer(x, bias, self.dropout)
        start, end = self.span(x).split(1, dim=-1)
        return start.squeeze(-1), end.squeeze(-1), self.answerable(x[:, 0]).squeeze(-1)


def shipped(path: Path = SHIPPED) -> Proposer:
    """The quick look of a graph."""
    stored, named = stored_in(path)
    # Graphs differ in whether they name the encoder: it is a part without a step of its own.
    matrices = {name.removeprefix("encoder."): held for name, held in named.items()}
    heads = [name for name in stored if name.startswith("answerable.weight")]  # a Gemm, whose matrix is named by itself
    matrices |= {"answerable": max(heads, key=lambda name: name.endswith("_quantized"))}
    proposer = Proposer(len(stored["encoder.position.weight"]))
    state = proposer.state_dict()
    for name, tensor in state.items():
        module, _, kind = name.rpartition(".")
        plain = kind == "bias" or "norm" in module or module.endswith(("position", "segment"))
        short = module.removeprefix("encoder.")
        found = torch.from_numpy(stored[name].copy()) if plain else matrix(stored, matrices[short])
        state[name] = found.reshape(tensor.shape)
    proposer.load_state_dict(state)
    return proposer


def word_table() -> Tensor:
    """Rows of the encoder's word table."""
    rows: Tensor = load_file(default_model_dir() / "model.safetensors")["embeddings.word_embeddings.weight"]
    return rows.float()


class Trained(nn.Module):
    """The quick look with the word table before it."""

    def __init__(self, proposer: Proposer) -> None:
        super().__init__()
        self.proposer, self.words = proposer, nn.Embedding(1, WIDTH)
        self.words.weight = nn.Parameter(word_table(), requires_grad=False)

    def forward(self, rows: list[list[int]]) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of rows of the reader's tokens, in the places that the reader has them."""
        both = [as_bert(row) for row in rows]
        width = max(len(ids) for ids, _ in both)
        ids, types, mask = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(3))
        for i, (row, kinds) in enumerate(both):
            ids[i, : len(row)], types[i, : len(row)], mask[i, : len(row)] = torch.tensor(row), torch.tensor(kinds), 1
        outputs: tuple[Tensor, Tensor, Tensor] = self.proposer(self.words(ids), mask, types)
        start, end, answerable = outputs
        return self.moved(start, rows), self.moved(end, rows), answerable

    @staticmethod
    def moved(logits: Tensor, rows: list[list[int]]) -> Tensor:
        """The reader has two marks between question and passage, where the quick look has one."""
        wide = F.pad(logits, (0, 1), value=MASKED)
        shifted = F.pad(logits, (1, 0), value=MASKED)
        cuts = torch.tensor([row.index(CLOSE) for row in rows])[:, None]
        return torch.where(torch.arange(wide.shape[1])[None] <= cuts, wide, shifted)


class Alone:
    """One row at a time, for the development figures; support is what it does not say."""

    def __init__(self, trained: Trained) -> None:
        self.trained = trained.eval()

    def __call__(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        assert bool(mask.all())
        assert PAD not in ids[0].tolist()
        start, end, answerable = self.trained(ids.tolist())
        return start, end, torch.zeros_like(start), answerable


def loss_of(trained: Trained, rows: list[Row]) -> Tensor:
    """As the reader's, without support."""
    start, end, answerable = trained([row.ids for row in rows])
    truth = torch.tensor([float(any(row.support)) for row in rows])
    return span_loss(start, end, rows) + F.binary_cross_entropy_with_logits(answerable, truth)


def write(proposer: Proposer, path: Path) -> None:
    """The graph with int8 matrices of seven bits, as the reader's."""
    sample = (torch.randn(2, 9, WIDTH), torch.ones(2, 9, dtype=torch.long), torch.zeros(2, 9, dtype=torch.long))
    axes = {name: {0: "batch", 1: "tokens"} for name in [*INPUTS, *OUTPUTS[:2]]} | {"answerable": {0: "batch"}}
    plain = path.with_suffix(".fp32")
    torch.onnx.export(
        proposer.eval(), sample, str(plain), input_names=INPUTS, output_names=OUTPUTS, dynamic_axes=axes,
        opset_version=OPSET, dynamo=False,
    )  # fmt: skip
    write_int8(plain, path)
    ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    plain.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", action="store_true", help="of the shipped one and the new one; nothing is trained")
    parser.add_argument("--questions", type=int, default=300, help="that figures are of")
    a = parser.parse_args()
    (pool, development), (written, apart) = pools_in("pool.pkl"), pools_in("written.pkl")
    out = SETTINGS.runs / "proposer/proposer.onnx"
    out.parent.mkdir(exist_ok=True)

    def shown(proposer: Proposer) -> str:
        both = [
            figures(Alone(Trained(proposer)), one, a.questions, torch.device("cpu")) for one in (development, apart)
        ]
        return "; ".join(" ".join(f"{name} {value:.3f}" for name, value in found.items()) for found in both)

    if a.figures:
        for path in (SHIPPED, out):
            print(path.name, shown(shipped(path)), flush=True)
        return
    torch.manual_seed(SETTINGS.seed)
    stage = SETTINGS.stage("quick")
    trained = Trained(shipped())
    trained.train()
    trained.proposer.dropout = SETTINGS.model["dropout"]
    matrices = [p for p in trained.proposer.parameters() if p.ndim > 1]
    others = [p for p in trained.proposer.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": SETTINGS.train["weight_decay"]}, {"params": others, "weight_decay": 0.0}],
        lr=stage.rate, betas=(0.9, 0.98),
    )  # fmt: skip
    sums, began = 0.0, time.time()
    source = batches(Renderer(pool + written, stage), (0, 0))
    for step in range(1, stage.steps + 1):
        rows, _ = next(source)
        share = min(1.0, step / SETTINGS.train["warmup"], (stage.steps - step + 1) / stage.falling)
        for group in optimizer.param_groups:
            group["lr"] = stage.rate * share
        loss = loss_of(trained, rows)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        sums += float(loss.detach())
        if step % 50 == 0:
            print(f"{step} loss {sums / 50:.3f} {(time.time() - began) / 50:.2f} s a step", flush=True)
            sums, began = 0.0, time.time()
    write(trained.proposer, out)
    print(shown(trained.proposer), flush=True)


if __name__ == "__main__":
    main()
