"""A question and passages to scored spans of the source."""

from .onnx import OnnxReader, load_reader
from .spans import Reader, Reading, ReadSpan

__all__ = ["OnnxReader", "ReadSpan", "Reader", "Reading", "load_reader"]
