"""An index in Milvus instead of a folder, for passages that one machine cannot hold; read by `QA` as any other."""

from .build import build_milvus
from .store import MilvusStore, current_generation, open_milvus

__all__ = ["MilvusStore", "build_milvus", "current_generation", "open_milvus"]
