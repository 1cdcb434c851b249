"""Settings of a client: table names, roles and consistency options."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from interactions_sdk.calendars import get_timezone
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.follow_up_plan import FollowUpStep
from interactions_sdk.models.suggestions import SuggestingModel

__all__ = ["CustomerColumns", "Settings"]

_COLUMN = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,35}")
_ADMIN_ROLE = re.compile(
    r"label:[a-zA-Z0-9]{1,36}|team:[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}(/[a-zA-Z0-9_-]+)?"
)


class CustomerColumns(BaseModel):
    """The columns of the customers table that this library reads and writes.

    A customers table may lack the columns for the name, the email address or the phone number; the
    values are then None for every customer. `crm.schema.apply()` creates the three in a table that
    is new or empty. In a table with rows, it creates only those that are set here.

    Attributes:
        user_id: The self-service user.
        last_contact_at: The time of the latest interaction.
        next_follow_up_at: When the earliest open follow-up is due.
        name: The customer's name; None to use no column.
        email: The email address; None to use no column.
        phone: The phone number; None to use no column.

    Example:
        >>> CustomerColumns(name="fullName", phone=None).name
        'fullName'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_id: str = "userId"
    last_contact_at: str = "lastContactAt"
    next_follow_up_at: str = "nextFollowUpAt"
    name: str | None = "name"
    email: str | None = "email"
    phone: str | None = "phone"

    @field_validator("*")
    @classmethod
    def _validate_column_name(cls, value: str | None) -> str | None:
        if value is not None and _COLUMN.fullmatch(value) is None:
            message = "a column's name is 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore"
            raise ValueError(message)
        return value


Steps = Annotated[tuple[FollowUpStep, ...], Field(min_length=1)]


class Settings(SuggestingModel):
    """Settings of a client; `InteractionsClient.from_env` reads them from `INTERACTIONS_*`.

    Attributes:
        database_id: The database.
        interactions_table: The table of interactions.
        customers_table: The table of customers.
        audit_table: The table of the audit log; None writes no audit rows.
        audit_text: Whether the audit log keeps the texts that a change replaces (subject,
            description, next action, related entity, metadata); `erase_customer` removes them.
            Other values, such as outcomes and dates, are always kept.
        audit_via: A name for the program that writes, such as `mcp`, stored as `via` in the details
            of its audit rows; None stores nothing.
        admin_role: The role of admins: `label:NAME`, `team:ID` or `team:ID/ROLE`.
        consistency: `atomic` writes an interaction and its audit row in one transaction; `fast`
            writes them one after the other, with fewer requests, repairable by
            `customers.reconcile()`.
        user_sessions: Whether users write with their own sessions, so that interactions count only
            if their customer's user can read them; always true for clients authenticated as a user.
            `crm.schema.apply()` then lets users write.
        verify_users: Whether acting users must exist in Appwrite, and admins must have the role.
        time_zone: The default time zone for everything that depends on days, such as
            `Europe/Zurich`.
        page_size: Rows in one request when reading many, 1 to 5,000.
        bulk_size: Interactions in one transaction of `create_many`, 1 to 1,000.
        cache_ttl: Seconds for which customers and verified users are cached; 0 caches nothing.
        cache_size: Maximum number of cached customers, and of cached users.
        customer_update_attempts: Attempts to update a customer's dates when other clients write the
            same row.
        attachments_bucket: The Storage bucket of attached files; None allows no attachments.
        attachments_max_bytes: Maximum size of an attached file in bytes, 1 to 5,000,000, because it
            is sent in one request.
        attachments_allowed_extensions: The file name extensions that are allowed, such as `pdf`, in
            lower case; empty allows any.
        timeout: Seconds for one call as a whole: connecting, sending, receiving, and retries. A
            client's `timeout=` takes precedence.
        max_response_bytes: Maximum size of a response, in bytes after decompression.
        follow_up_plans: The steps that `follow_ups.complete(id, next="NAME")` starts, by the name
            of the plan: each is logged when the previous one is completed.
        customer_columns: The names of the columns of the customers table.

    Example:
        >>> Settings(consistency="fast", audit_table=None).admin_role
        'label:superadmin'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_id: str = "console-db"
    interactions_table: str = "customer_interactions"
    customers_table: str = "customers"
    audit_table: str | None = "audit_logs"
    audit_text: bool = True
    audit_via: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")] | None = None
    admin_role: str = "label:superadmin"
    consistency: Literal["atomic", "fast"] = "atomic"
    user_sessions: bool = False
    verify_users: bool = True
    time_zone: str = "UTC"
    page_size: Annotated[int, Field(ge=1, le=5000)] = 100
    bulk_size: Annotated[int, Field(ge=1, le=1000)] = 500
    cache_ttl: Annotated[float, Field(ge=0)] = 5
    cache_size: Annotated[int, Field(ge=1)] = 4096
    customer_update_attempts: Annotated[int, Field(ge=1)] = 50
    attachments_bucket: str | None = None
    attachments_max_bytes: Annotated[int, Field(ge=1, le=5_000_000)] = 5_000_000
    attachments_allowed_extensions: tuple[
        Annotated[str, Field(pattern=r"^[a-z0-9]{1,64}$")], ...
    ] = ()
    timeout: Annotated[float, Field(gt=0)] = 60
    max_response_bytes: Annotated[int, Field(ge=1)] = 64_000_000
    follow_up_plans: dict[str, Steps] = Field(default_factory=dict[str, Steps])
    customer_columns: CustomerColumns = CustomerColumns()

    def __hash__(self) -> int:
        """Return a hash that ignores the plans, because a dictionary is not hashable."""
        return hash((self.database_id, self.interactions_table, self.customers_table))

    @field_validator(
        "database_id",
        "interactions_table",
        "customers_table",
        "audit_table",
        "attachments_bucket",
    )
    @classmethod
    def _validate_id(cls, value: str | None) -> str | None:
        return None if value is None else validate_id(value)

    @field_validator("time_zone")
    @classmethod
    def _validate_time_zone(cls, value: str) -> str:
        get_timezone(value)
        return value

    @field_validator("admin_role")
    @classmethod
    def _validate_role(cls, value: str) -> str:
        if _ADMIN_ROLE.fullmatch(value) is None:
            message = "use label:NAME (letters and digits only), team:ID or team:ID/ROLE"
            raise ValueError(message)
        return value
