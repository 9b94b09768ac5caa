"""A question and passages to scored spans of the source."""

from .folder import FolderReader
from .onnx import OnnxReader, load_reader
from .spans import Proposal, Reader, Reading, ReadSpan

__all__ = ["FolderReader", "OnnxReader", "Proposal", "ReadSpan", "Reader", "Reading", "load_reader"]
