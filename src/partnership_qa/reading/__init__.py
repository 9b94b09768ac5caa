"""A question and passages to scored spans of the source."""

from .folder import FolderReader
from .onnx import OnnxReader, load_reader
from .spans import Reader, Reading, ReadSpan

__all__ = ["FolderReader", "OnnxReader", "ReadSpan", "Reader", "Reading", "load_reader"]
