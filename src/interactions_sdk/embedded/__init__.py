"""An Appwrite in one SQLite file, for trying out, for tests and for small installations."""

from interactions_sdk.embedded.database.store import StoreError
from interactions_sdk.embedded.server import EmbeddedAppwrite

__all__ = ["EmbeddedAppwrite", "StoreError"]
