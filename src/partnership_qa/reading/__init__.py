"""A question and passages to scored spans of the source."""

from .folder import FolderReader
from .onnx import OnnxReader, load_reader
from .spans import CLOSELY, Proposal, Reader, Reading, ReadSpan

__all__ = ["CLOSELY", "FolderReader", "OnnxReader", "Proposal", "ReadSpan", "Reader", "Reading", "load_reader"]
