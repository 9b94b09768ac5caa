"""Writes a trained reader as a Hugging Face question-answering folder, for programs that read such folders.

    python training/folder.py --from training/runs/reader.pt --out training/runs/folder

It is BERT with a span head; the `answerable` head has no place in that form and is left out.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from model import encoder_folder, load_encoder
from torch import Tensor
from transformers import BertConfig, BertForQuestionAnswering

NAMES = {
    "out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}


def folder_state(state: dict[str, Tensor], words: Tensor, layers: int) -> dict[str, Tensor]:
    """The reader's tensors under their names in BERT."""
    out = {
        "bert.embeddings.word_embeddings.weight": words,
        "bert.embeddings.position_embeddings.weight": state["encoder.position.weight"],
        "bert.embeddings.token_type_embeddings.weight": state["encoder.segment.weight"],
        "qa_outputs.weight": state["span.weight"],
        "qa_outputs.bias": state["span.bias"],
    }
    for kind in ("weight", "bias"):
        out[f"bert.embeddings.LayerNorm.{kind}"] = state[f"encoder.norm.{kind}"]
        for i in range(layers):
            old, new = f"encoder.layers.{i}.", f"bert.encoder.layer.{i}."
            parts = state[f"{old}qkv.{kind}"].chunk(3)
            for name, part in zip(("query", "key", "value"), parts, strict=True):
                out[f"{new}attention.self.{name}.{kind}"] = part
            for mine, theirs in NAMES.items():
                out[f"{new}{theirs}.{kind}"] = state[f"{old}{mine}.{kind}"]
    return out


def main() -> None:
    """Convert and write."""
    root = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, default=root / "runs/reader.pt")
    parser.add_argument("--out", type=Path, default=root / "runs/folder")
    a = parser.parse_args()
    config, words, _ = load_encoder()
    state = torch.load(a.source, weights_only=False)
    model = BertForQuestionAnswering(BertConfig.from_pretrained(str(encoder_folder())))
    model.load_state_dict(folder_state(state.get("reader", state), words, config["num_hidden_layers"]), strict=True)
    model.save_pretrained(str(a.out))
    for file in encoder_folder().glob("*"):
        if file.name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
            shutil.copy(file, a.out)
    print(a.out)


if __name__ == "__main__":
    main()
