r"""Writes a trained reader as the graph that the product runs, and compares its variants.

    python training/export.py                      # writes src/partnership_qa/model/reader.onnx and reader.json
    python training/export.py --compare            # development figures, size and time of fp32 and int8, in one run

Layers are int8 by output channel with seven bits used, because processors without VNNI add pairs of products in
sixteen; what flows through them is scaled as it comes. The word table is four bits a number with a scale a word. Rows
of words that the vocabulary marks as unused, and of scripts that the reader never saw, stand for "unknown".
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import unicodedata
from pathlib import Path

import onnx
import onnxruntime as ort
import torch
from data import pieces, pools_in
from layout import SHIFT, lay_out
from model import FIRST_POSITION, WIDTH, Reader, distance_buckets, pretrained
from onnxruntime.quantization import QuantType, quantize_dynamic
from settings import ROOT, SETTINGS
from torch import Tensor, nn
from weights import weights_folder

from partnership_qa.embedding import default_model_dir, sha256_file
from partnership_qa.reading.onnx import FORMAT, GRAPHS

OPSET = 17
OUTPUTS = ["start_logits", "end_logits", "support", "answerable"]
HEADS_KEPT = ("span", "support", "answerable")  # the last matrices, small and decisive, stay as they are
UNKNOWN = "[UNK]"
ROWS_AROUND = 2**14  # row numbers are stored as their distance from it, in sixteen bits
SCRIPTS = ("LATIN", "GREEK", "MICRO", "FEMININE", "MASCULINE", "SUPERSCRIPT")


class WordTable(nn.Module):
    """The word table in four bits: two numbers a byte, a scale a row."""

    def __init__(self, table: Tensor, rows: Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(dim=1, keepdim=True).clamp_min(1e-6) / 7.5
        # The scale of least squared error among a few: a row's one large number should not coarsen all others.
        best, error = scale, torch.full_like(scale, float("inf"))
        for share in (0.45, 0.55, 0.65, 0.75, 0.85, 1.0):
            tried = scale * share
            off = ((self.levels(table, tried) - 7.5) * tried - table).square().sum(dim=1, keepdim=True)
            best, error = torch.where(off < error, tried, best), torch.minimum(off, error)
        levels = self.levels(table, best).to(torch.uint8)
        half = WIDTH // 2
        self.packed: Tensor
        self.scale: Tensor
        self.rows: Tensor
        self.register_buffer("packed", levels[:, :half] * 16 + levels[:, half:])
        self.register_buffer("scale", best.half())
        self.register_buffer("rows", (rows - ROWS_AROUND).to(torch.int16))

    @staticmethod
    def levels(table: Tensor, scale: Tensor) -> Tensor:
        """Numbers as levels 0 to 15 around 7.5."""
        return (table / scale + 7.5).round().clamp(0, 15)

    def forward(self, ids: Tensor) -> Tensor:
        rows = self.rows[ids].to(torch.int64) + ROWS_AROUND
        both = self.packed[rows].to(torch.int32)
        first = torch.div(both, 16, rounding_mode="floor")
        levels = torch.cat([first, both - 16 * first], dim=-1).float()
        return (levels - 7.5) * self.scale[rows].float()


class Exported(nn.Module):
    """A reader of one row at a time: token numbers in, logits out."""

    def __init__(self, reader: Reader, words: nn.Module) -> None:
        super().__init__()
        self.reader, self.words = reader, words
        self.bias: Tensor
        self.position: Tensor
        self.position_scale: Tensor
        most = SETTINGS.view["max_tokens"]
        encoder = reader.encoder
        # A distance's bias is looked up by the distance itself, from the farthest behind to the farthest ahead, so that
        # no table of all pairs is stored.
        edge = distance_buckets(most)
        by_distance = torch.cat([edge[0].flip(0), edge[1:, 0]])
        self.register_buffer("bias", encoder.distance.weight.detach()[by_distance])
        position = encoder.position.weight.detach()[FIRST_POSITION : most + FIRST_POSITION]
        self.register_buffer("position_scale", position.abs().amax(dim=1, keepdim=True) / 127)
        self.register_buffer("position", (position / self.position_scale).round().to(torch.int8))
        self.most = most

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        encoder = self.reader.encoder
        places = torch.arange(ids.shape[1])
        position = self.position[places].float() * self.position_scale[places]
        x = encoder.norm(self.words(ids) + position[None])
        behind = places[:, None] - places[None, :]
        bias = self.bias[behind + self.most - 1].permute(2, 0, 1)[None]
        for layer in encoder.layers:
            x = layer(x, bias, 0.0)
        start, end = self.reader.span(x).split(1, dim=-1)
        support = self.reader.support(x).squeeze(-1)
        return start.squeeze(-1), end.squeeze(-1), support, self.reader.answerable(x[:, 0]).squeeze(-1)


def kept_rows() -> tuple[list[int], list[int]]:
    """Rows of the word table that are shipped, and of every token number the row that stands for it."""
    vocabulary = sorted(pieces().get_vocab().items(), key=lambda item: item[1])
    kept = list(range(SHIFT)) + [number + SHIFT for word, number in vocabulary if not _left_out(word)]
    place = {number: n for n, number in enumerate(kept)}
    unknown = place[(pieces().token_to_id(UNKNOWN) or 0) + SHIFT]
    return kept, [place.get(number, unknown) for number in range(len(vocabulary) + SHIFT)]


def _left_out(word: str) -> bool:
    """Whether no row is shipped for a word: it is never made of a text, or is of a script the reader never saw."""
    letters = word.removeprefix("##")
    if word.startswith("[unused") or (letters != word and unicodedata.category(letters[0]).startswith("P")):
        return True
    return any(not unicodedata.name(char, "").startswith(SCRIPTS) for char in letters if char.isalpha())


def load_checkpoint(path: Path) -> tuple[Reader, int]:
    """The reader of a checkpoint, ready to read, and the rows it was trained on."""
    reader = pretrained(weights_folder(), SETTINGS.model["layers"])
    state = torch.load(path, weights_only=True, map_location="cpu")
    reader.load_state_dict(state["reader"])
    return reader.eval(), state["rows"]


def write_fp32(reader: Reader, path: Path, *, small_table: bool) -> None:
    """The graph with layers in float32; its word table as it is, or in four bits."""
    words: nn.Module = reader.encoder.words
    if small_table:
        kept, rows = kept_rows()
        words = WordTable(reader.encoder.words.weight.detach()[kept], torch.tensor(rows))
    module = Exported(reader, words).eval()
    axes = {name: {1: "tokens"} for name in ("input_ids", *OUTPUTS[:3])}
    torch.onnx.export(
        module, (torch.arange(9)[None] + SHIFT,), str(path), input_names=["input_ids"], output_names=OUTPUTS,
        dynamic_axes=axes, opset_version=OPSET, dynamo=False,
    )  # fmt: skip


def write_int8(source: Path, path: Path) -> None:
    """A graph with its matrices in int8, those of the heads left out."""
    nodes = onnx.load(source).graph.node
    kept = [node.name for node in nodes if any(f"/{head}/" in node.name for head in HEADS_KEPT)]
    quantize_dynamic(
        source, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True, op_types_to_quantize=["MatMul"],
        nodes_to_exclude=kept,
    )  # fmt: skip


class Graph:
    """A graph in the place of a reader, for the development figures."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        assert bool(mask.all())
        return tuple(torch.from_numpy(x) for x in self.session.run(OUTPUTS, {"input_ids": ids.numpy()}))


def compare(reader: Reader, folder: Path, questions: int) -> None:
    """Figures on the development questions, size, and milliseconds a row of torch, fp32, the small table, and int8."""
    from development import figures

    _, pool = pools_in("pool.pkl")
    write_fp32(reader, folder / "fp32.onnx", small_table=False)
    write_fp32(reader, folder / "table.onnx", small_table=True)
    write_int8(folder / "fp32.onnx", folder / "layers.onnx")
    write_int8(folder / "table.onnx", folder / "int8.onnx")
    rows = [lay_out(q.text, pool.passages[q.passage]) for q in pool.questions[:12]]
    for name in ("fp32", "table", "layers", "int8"):
        path = folder / f"{name}.onnx"
        graph = Graph(path)
        begun = time.perf_counter()
        for row in rows:
            ids = torch.tensor([row.ids])
            graph(ids, torch.ones_like(ids))
        spent = (time.perf_counter() - begun) / len(rows) * 1e3
        found = figures(graph, pool, questions, torch.device("cpu"))
        shown = " ".join(f"{key} {value:.3f}" for key, value in found.items())
        print(f"{name:7} {path.stat().st_size / 1e6:6.1f} MB {spent:6.1f} ms a row; {shown}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=SETTINGS.runs / SETTINGS.reader_stages[-1].name / "last.pt")
    parser.add_argument("--out", type=Path, default=ROOT / "src/partnership_qa/model")
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--questions", type=int, default=200, help="development questions to compare on")
    parser.add_argument("--proposer-weight", type=float, default=0.4)
    a = parser.parse_args()
    reader, rows = load_checkpoint(a.checkpoint)
    with tempfile.TemporaryDirectory() as beside:
        if a.compare:
            compare(reader, Path(beside), a.questions)
            return
        write_fp32(reader, Path(beside) / "fp32.onnx", small_table=True)
        write_int8(Path(beside) / "fp32.onnx", a.out / "reader.onnx")
    facts = {
        "format": FORMAT,
        "sha256": {name: sha256_file(a.out / name) for name in GRAPHS},
        "encoder_weights_sha256": sha256_file(default_model_dir() / "model.safetensors"),
        "proposer_weight": a.proposer_weight,
        "vocabulary_shift": SHIFT,
        "max_tokens": SETTINGS.view["max_tokens"],
        "question_tokens": SETTINGS.view["question_tokens"],
        "trained": {
            "from": f"sentence-transformers/all-mpnet-base-v2 {SETTINGS.weights_sha256}",
            "layers": SETTINGS.model["layers"],
            "rows": rows,
        },
    }
    (a.out / "reader.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"{(a.out / 'reader.onnx').stat().st_size / 1e6:.1f} MB after {rows} rows")


if __name__ == "__main__":
    main()
