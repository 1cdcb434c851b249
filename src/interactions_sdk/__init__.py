"""Log and read customer interactions kept in Appwrite TablesDB.

Example:
    >>> from interactions_sdk import InteractionsClient
    >>> with InteractionsClient.embedded() as crm:
    ...     customer = crm.customers.ensure("ada")
    ...     call = crm.as_user("ada").log_call("Renewal", duration=12)
    ...     print(call.subject)
    Renewal
"""

from interactions_sdk._async.client import AsyncInteractionsClient
from interactions_sdk._async.customers import AsyncCustomers
from interactions_sdk._async.follow_ups import AsyncFollowUps
from interactions_sdk._async.provisioning import AsyncSchema
from interactions_sdk._async.repository import AsyncInteractionRepository
from interactions_sdk._async.transaction import AsyncTransaction
from interactions_sdk._sync.client import InteractionsClient
from interactions_sdk._sync.customers import Customers
from interactions_sdk._sync.follow_ups import FollowUps
from interactions_sdk._sync.provisioning import Schema
from interactions_sdk._sync.repository import InteractionRepository
from interactions_sdk._sync.transaction import Transaction
from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BadRequestError,
    BulkError,
    ConfigurationError,
    ConflictError,
    CustomerNotFoundError,
    InteractionNotFoundError,
    InteractionsError,
    NotFoundError,
    OwnershipError,
    PermissionDeniedError,
    RateLimitError,
    SchemaError,
    ServerError,
    UserNotFoundError,
)
from interactions_sdk.filters import InteractionFilters
from interactions_sdk.models.audit import AuditEntry
from interactions_sdk.models.bulk import BulkItem, BulkResult
from interactions_sdk.models.customer import Customer
from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.metadata import InteractionMetadata
from interactions_sdk.models.page import Page
from interactions_sdk.models.reconciliation import Reconciliation
from interactions_sdk.retry import RetryPolicy
from interactions_sdk.settings import CustomerColumns, Settings
from interactions_sdk.timeline import Timeline, TimelineDay
from interactions_sdk.version import __version__

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AsyncCustomers",
    "AsyncFollowUps",
    "AsyncInteractionRepository",
    "AsyncInteractionsClient",
    "AsyncSchema",
    "AsyncTransaction",
    "AuditEntry",
    "BadRequestError",
    "BulkError",
    "BulkItem",
    "BulkResult",
    "ConfigurationError",
    "ConflictError",
    "ContactMethod",
    "Customer",
    "CustomerColumns",
    "CustomerInteraction",
    "CustomerNotFoundError",
    "Customers",
    "Direction",
    "FollowUps",
    "InteractionCreate",
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
    "RetryPolicy",
    "Schema",
    "SchemaError",
    "ServerError",
    "Settings",
    "Timeline",
    "TimelineDay",
    "Transaction",
    "UserNotFoundError",
    "__version__",
]

_defined_elsewhere = [globals()[name] for name in __all__ if name != "__version__"]
for _public in _defined_elsewhere:
    _public.__module__ = __name__  # tracebacks and reprs name what users import
