"""An Appwrite server in one SQLite file, for development, tests and small installations."""

from interactions_sdk.embedded.database.store import StoreError
from interactions_sdk.embedded.server import EmbeddedAppwrite

__all__ = ["EmbeddedAppwrite", "StoreError"]
