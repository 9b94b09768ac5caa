"""A question-answering model in a folder of the user's as the reader."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from partnership_qa.chunking import split_document
from partnership_qa.document import make_document
from partnership_qa.embedding import default_model_dir
from partnership_qa.errors import ModelError
from partnership_qa.reading import FolderReader
from partnership_qa.sources import read_blocks

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "# Väsby\n\nThe harbour was dug in 1874. It freezes in January.\n\n- Dinghies pay 3 kronor.\n"


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"No model\.safetensors"):
        FolderReader(tmp_path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_untrained_model_still_points_at_whole_words_of_the_source(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(0)
    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertForQuestionAnswering(config).save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copy(default_model_dir() / name, tmp_path / name)
    document = make_document("a.md", TEXT.encode(), TEXT, read_blocks(TEXT, ".md"))
    passages = split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=254)
    reader = FolderReader(tmp_path)
    (reading,) = reader.read("When was the harbour dug?", passages)
    assert reading.spans
    for span in reading.spans:
        unit = passages[0].units[span.unit]
        assert unit.start <= span.start < span.end <= unit.end
        assert not (TEXT[span.start - 1].isalnum() and TEXT[span.start].isalnum())
        assert not (TEXT[span.end - 1].isalnum() and TEXT[span.end].isalnum())
    assert reader.read("When?", []) == []
    (again,) = reader.read("When was the harbour dug?", passages)
    assert again == reading
