"""The repository: the interactions that an acting user can see, with one file for each subject."""

from __future__ import annotations

from interactions_sdk._async.repository.archives import AsyncInteractionArchives
from interactions_sdk._async.repository.attachments import AsyncInteractionAttachments
from interactions_sdk._async.repository.exports import AsyncInteractionExports
from interactions_sdk._async.repository.imports import AsyncInteractionImports
from interactions_sdk._async.repository.privacy import AsyncCustomerPrivacy
from interactions_sdk._async.repository.queries import AsyncInteractionQueries
from interactions_sdk._async.repository.records import AsyncInteractionRecords

__all__ = ["AsyncInteractionRepository"]


class AsyncInteractionRepository(
    AsyncInteractionRecords,
    AsyncInteractionQueries,
    AsyncInteractionImports,
    AsyncInteractionExports,
    AsyncInteractionArchives,
    AsyncInteractionAttachments,
    AsyncCustomerPrivacy,
):
    """The interactions that a user can see: `crm.as_user("ada")` or `crm.as_admin("root")`."""
