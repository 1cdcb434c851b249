"""Log and read customer interactions kept in Appwrite TablesDB.

Example:
    >>> from interactions_sdk import InteractionsClient
    >>> with InteractionsClient.embedded() as crm:
    ...     customer = crm.customers.ensure("ada")
    ...     call = crm.as_user("ada").log_call("Renewal", duration=12)
    ...     print(call.subject)
    Renewal

Names are loaded when they are first used, so importing one module, such as
`interactions_sdk.embedded` or `interactions_sdk.errors`, does not load all the others.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from interactions_sdk.version import __version__

if TYPE_CHECKING:
    from interactions_sdk._async.audit import AsyncAuditLog
    from interactions_sdk._async.client import AsyncInteractionsClient
    from interactions_sdk._async.customers import AsyncCustomers
    from interactions_sdk._async.follow_ups import AsyncFollowUps
    from interactions_sdk._async.repository import AsyncInteractionRepository
    from interactions_sdk._async.schema import AsyncSchema
    from interactions_sdk._async.transaction import AsyncTransaction
    from interactions_sdk._async.watching.watch import AsyncWatch
    from interactions_sdk._sync.audit import AuditLog
    from interactions_sdk._sync.client import InteractionsClient
    from interactions_sdk._sync.customers import Customers
    from interactions_sdk._sync.follow_ups import FollowUps
    from interactions_sdk._sync.repository import InteractionRepository
    from interactions_sdk._sync.schema import Schema
    from interactions_sdk._sync.transaction import Transaction
    from interactions_sdk._sync.watching.watch import Watch
    from interactions_sdk.customer_filters import CustomerFilters
    from interactions_sdk.errors import (
        APIConnectionError,
        APIError,
        APITimeoutError,
        BadRequestError,
        CertificateError,
        ConfigurationError,
        ConflictError,
        CustomerNotFoundError,
        DeletedError,
        FileAccessError,
        InteractionNotFoundError,
        InteractionsError,
        NotFoundError,
        OwnershipError,
        PermissionDeniedError,
        RateLimitError,
        ResponseTooLargeError,
        SchemaError,
        ServerError,
        StoreError,
        UserNotFoundError,
    )
    from interactions_sdk.filters import AuditFilters, ChangeFilters, InteractionFilters
    from interactions_sdk.models.attachment import Attachment
    from interactions_sdk.models.audit import AuditEntry, FieldChange, UnverifiedAuditEntry
    from interactions_sdk.models.bulk import BulkError, BulkItem, BulkResult
    from interactions_sdk.models.change import Change
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.draft_fields import InteractionChanges, InteractionFields
    from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate
    from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
    from interactions_sdk.models.follow_up_plan import FollowUpStep
    from interactions_sdk.models.interaction import CustomerInteraction, UnverifiedInteraction
    from interactions_sdk.models.metadata import InteractionMetadata
    from interactions_sdk.models.page import AsyncPage, Page
    from interactions_sdk.models.reconciliation import Reconciliation
    from interactions_sdk.settings import CustomerColumns, Settings
    from interactions_sdk.timeline import Timeline, TimelineDay
    from interactions_sdk.transfer.results import ArchiveResult
    from interactions_sdk.transport.hooks import RequestEvent, ResponseEvent
    from interactions_sdk.transport.retry import RetryPolicy

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "ArchiveResult",
    "AsyncAuditLog",
    "AsyncCustomers",
    "AsyncFollowUps",
    "AsyncInteractionRepository",
    "AsyncInteractionsClient",
    "AsyncPage",
    "AsyncSchema",
    "AsyncTransaction",
    "AsyncWatch",
    "Attachment",
    "AuditEntry",
    "AuditFilters",
    "AuditLog",
    "BadRequestError",
    "BulkError",
    "BulkItem",
    "BulkResult",
    "CertificateError",
    "Change",
    "ChangeFilters",
    "ConfigurationError",
    "ConflictError",
    "ContactMethod",
    "Customer",
    "CustomerColumns",
    "CustomerFilters",
    "CustomerInteraction",
    "CustomerNotFoundError",
    "Customers",
    "DeletedError",
    "Direction",
    "FieldChange",
    "FileAccessError",
    "FollowUpStep",
    "FollowUps",
    "InteractionChanges",
    "InteractionCreate",
    "InteractionFields",
    "InteractionFilters",
    "InteractionMetadata",
    "InteractionNotFoundError",
    "InteractionRepository",
    "InteractionType",
    "InteractionUpdate",
    "InteractionsClient",
    "InteractionsError",
    "NotFoundError",
    "Outcome",
    "OwnershipError",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "Reconciliation",
    "RequestEvent",
    "ResponseEvent",
    "ResponseTooLargeError",
    "RetryPolicy",
    "Schema",
    "SchemaError",
    "ServerError",
    "Settings",
    "StoreError",
    "Timeline",
    "TimelineDay",
    "Transaction",
    "UnverifiedAuditEntry",
    "UnverifiedInteraction",
    "UserNotFoundError",
    "Watch",
    "__version__",
]

_NAMES_OF = {
    "_async.audit": ("AsyncAuditLog",),
    "_async.client": ("AsyncInteractionsClient",),
    "_async.customers": ("AsyncCustomers",),
    "_async.follow_ups": ("AsyncFollowUps",),
    "_async.schema": ("AsyncSchema",),
    "_async.repository": ("AsyncInteractionRepository",),
    "_async.transaction": ("AsyncTransaction",),
    "_async.watching.watch": ("AsyncWatch",),
    "_sync.audit": ("AuditLog",),
    "_sync.client": ("InteractionsClient",),
    "_sync.customers": ("Customers",),
    "_sync.follow_ups": ("FollowUps",),
    "_sync.schema": ("Schema",),
    "_sync.repository": ("InteractionRepository",),
    "_sync.transaction": ("Transaction",),
    "_sync.watching.watch": ("Watch",),
    "customer_filters": ("CustomerFilters",),
    "errors": (
        "APIConnectionError",
        "APIError",
        "APITimeoutError",
        "CertificateError",
        "ResponseTooLargeError",
        "BadRequestError",
        "ConfigurationError",
        "ConflictError",
        "DeletedError",
        "CustomerNotFoundError",
        "FileAccessError",
        "InteractionNotFoundError",
        "InteractionsError",
        "NotFoundError",
        "OwnershipError",
        "PermissionDeniedError",
        "RateLimitError",
        "SchemaError",
        "ServerError",
        "StoreError",
        "UserNotFoundError",
    ),
    "filters": ("AuditFilters", "ChangeFilters", "InteractionFilters"),
    "transport.hooks": ("RequestEvent", "ResponseEvent"),
    "models.attachment": ("Attachment",),
    "models.audit": ("AuditEntry", "FieldChange", "UnverifiedAuditEntry"),
    "models.bulk": ("BulkError", "BulkItem", "BulkResult"),
    "models.change": ("Change",),
    "models.customer": ("Customer",),
    "models.draft_fields": ("InteractionChanges", "InteractionFields"),
    "models.drafts": ("InteractionCreate", "InteractionUpdate"),
    "models.enums": ("ContactMethod", "Direction", "InteractionType", "Outcome"),
    "models.follow_up_plan": ("FollowUpStep",),
    "models.interaction": ("CustomerInteraction", "UnverifiedInteraction"),
    "models.metadata": ("InteractionMetadata",),
    "models.page": ("AsyncPage", "Page"),
    "models.reconciliation": ("Reconciliation",),
    "transport.retry": ("RetryPolicy",),
    "settings": ("CustomerColumns", "Settings"),
    "timeline": ("Timeline", "TimelineDay"),
    "transfer.results": ("ArchiveResult",),
}

_HOME_OF = {name: home for home, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> object:
    """Load the module that defines a name; its public names get the package as their module."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _import_module(f"{__name__}.{_HOME_OF[name]}")
    for public in _NAMES_OF[_HOME_OF[name]]:
        value = getattr(home, public)
        value.__module__ = __name__  # tracebacks and reprs show the names that users import
        globals()[public] = value
    return globals()[name]


def __dir__() -> list[str]:
    """List the names, loaded or not."""
    return sorted({*globals(), *_HOME_OF})
