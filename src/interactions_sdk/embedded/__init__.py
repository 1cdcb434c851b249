"""An Appwrite server in one SQLite file, for development, tests and small installations."""

from interactions_sdk.embedded.server import EmbeddedAppwrite
from interactions_sdk.errors import StoreError

__all__ = ["EmbeddedAppwrite", "StoreError"]
