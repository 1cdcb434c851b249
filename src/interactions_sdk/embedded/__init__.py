"""An Appwrite in one SQLite file, for trying out, for tests and for small installations."""

from .server import EmbeddedAppwrite
from .store import StoreError

__all__ = ["EmbeddedAppwrite", "StoreError"]
