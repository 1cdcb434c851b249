# Generated from src/interactions_sdk/_async/repository/__init__.py by scripts/unasync.py; do not edit.
"""The repository: the interactions that an acting user can see, with one file for each subject."""

from __future__ import annotations

from interactions_sdk._sync.repository.archives import InteractionArchives
from interactions_sdk._sync.repository.attachments import InteractionAttachments
from interactions_sdk._sync.repository.exports import InteractionExports
from interactions_sdk._sync.repository.imports import InteractionImports
from interactions_sdk._sync.repository.privacy import CustomerPrivacy
from interactions_sdk._sync.repository.queries import InteractionQueries
from interactions_sdk._sync.repository.records import InteractionRecords

__all__ = ["InteractionRepository"]


class InteractionRepository(
    InteractionRecords,
    InteractionQueries,
    InteractionImports,
    InteractionExports,
    InteractionArchives,
    InteractionAttachments,
    CustomerPrivacy,
):
    """The interactions that a user can see: `crm.as_user("ada")` or `crm.as_admin("root")`."""
