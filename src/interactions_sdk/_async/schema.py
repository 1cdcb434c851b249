"""Planning, creating and checking the database schema."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

from interactions_sdk import schema
from interactions_sdk._async.access.admin_team import find_admin_team_problem
from interactions_sdk._async.access.duplicate_customers import find_duplicate_customers
from interactions_sdk._async.access.ownership_audit import ownership_problems
from interactions_sdk.concurrency import asleep
from interactions_sdk.errors import BadRequestError, ConflictError, SchemaError
from interactions_sdk.models.row import ID, Row
from interactions_sdk.schema import ActualDatabase, ExpectedTable
from interactions_sdk.wire import query
from interactions_sdk.wire.call import Table
from interactions_sdk.wire.rows import list_rows
from interactions_sdk.wire.schema import (
    create_resource,
    create_table_with_columns,
    get_database,
    get_table,
)
from interactions_sdk.wire.storage import get_bucket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk.schema import (
        ActualTable,
        ExpectedDatabase,
        PendingResource,
        SchemaChange,
    )
    from interactions_sdk.settings import Settings

__all__ = ["AsyncSchema"]

_FIRST_PAUSE = 0.05
_MAX_PAUSE = 2.0
_GROWTH = 1.5
_FAILED_HINT = "Delete it in the Appwrite console, fix the cause, and run `schema apply` again."
_TIMEOUT_HINT = (
    "Run `schema apply` again later with a longer timeout, or check the server's worker processes."
)
_CREATION_ORDER = (
    (frozenset({"database", "bucket", "table", "permissions", "column"}), schema.pending_columns),
    (frozenset({"index"}), schema.pending_indexes),
)
"""The kinds of changes that are made together, and what has to be available afterwards."""


class AsyncSchema:
    """Plans, creates and checks the database, its tables, columns and indexes.

    Nothing is ever deleted or restricted: an existing table keeps its columns, rows and
    permissions, and gets what is missing. `plan` and `check` only read.

    Args:
        connection: The connection; its key needs the scopes `databases.read`, `databases.write`,
            `tables.read`, `tables.write` and `rows.read`; `plan` and `check` need only the `read`
            scopes.
        settings: The names of the database, the tables and the customers' columns.

    Example:
        >>> from interactions_sdk import AsyncInteractionsClient
        >>> async with AsyncInteractionsClient.embedded() as crm:
        ...     print(await crm.schema.plan(), await crm.schema.check())
        [] []
    """

    def __init__(self, connection: AsyncConnection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings

    async def plan(self, *, user_sessions: bool | None = None) -> list[SchemaChange]:
        """Return what `apply` would create.

        Args:
            user_sessions: Whether users write with their own sessions (default:
                `Settings.user_sessions`).

        Returns:
            The changes, in the order in which they would be made; empty if nothing is missing.
            `print(change)` describes a change.

        Raises:
            SchemaError: `apply` could not create what is missing: a column is a relationship.
            PermissionDeniedError: The key may not read databases, tables or rows.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     print(await crm.schema.plan())
            []
        """
        expected = self._expected(user_sessions)
        return schema.plan(expected, await self._read_for_plan(expected))

    async def check(self, *, user_sessions: bool | None = None) -> list[str]:
        """Return what is missing, wrong or risky, and how to fix it.

        Args:
            user_sessions: Whether users write with their own sessions (default:
                `Settings.user_sessions`). If not, a table that lets them write is a problem.

        If no unique index keeps users from having two customer records, all records are read, to
        find such users.

        Returns:
            The problems, one sentence each; empty if there are none. A sentence that is a
            `schema.Advice` is not a problem: it says what would be faster, or which columns of your
            customers table are required.

        Raises:
            PermissionDeniedError: The key may not read databases or tables, teams if the admin role
                is that of a team, or rows if no unique index exists on the customers' users.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     print(await crm.schema.check())
            []
        """
        expected = self._expected(user_sessions)
        team_problem = await find_admin_team_problem(self._connection, self._settings)
        existing = await self._read(expected)
        problems = [
            *schema.find_problems(expected, existing),
            *await self._find_duplicate_customers(existing),
        ]
        return problems if team_problem is None else [team_problem, *problems]

    async def _find_duplicate_customers(self, existing: ActualDatabase) -> list[str]:
        """Find users with several customer records, unless a unique index prevents them."""
        table = existing.tables.get(self._settings.customers_table)
        if table is None or not table.may_repeat(self._settings.customer_columns.user_id):
            return []
        return await find_duplicate_customers(self._connection, self._settings)

    def audit_ownership(self) -> AsyncIterator[str]:
        """Yield the rows that do not belong to their customer, or that their owners cannot read.

        With `create("users")` on a table, any authenticated user may insert rows that name another
        customer. Reads ignore these rows (`Settings.user_sessions`); this method reports them. It
        reads all customers, interactions and audit rows, one page at a time.

        The content of an audit row cannot be proved, because audit rows have no permissions. The
        method reports those that contradict their interaction, customer or draft, and those that
        name a user who is neither the customer's user nor an admin (unless `Settings.verify_users`
        is off, because users are not looked up then).

        Yields:
            One sentence per row, as it is found.

        Raises:
            PermissionDeniedError: The key may not read rows, or users.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     async with crm.transaction() as transaction:
            ...         transaction.update("customers", customer.id, {"userId": "bob"})
            ...     async for sentence in crm.schema.audit_ownership():
            ...         print(sentence)
            The interaction ... claims the customer ..., whose user 'bob' cannot read it...
        """
        self._connection.require_api_key("schema")
        return ownership_problems(self._connection, self._settings)

    def _expected(self, user_sessions: bool | None) -> ExpectedDatabase:  # noqa: FBT001 - passed on
        self._connection.require_api_key("schema")
        if user_sessions is None:
            return schema.expected_schema(self._settings)
        return schema.expected_schema(
            self._settings.model_copy(update={"user_sessions": user_sessions})
        )

    async def apply(
        self,
        on_progress: Callable[[int, int, SchemaChange], None] | None = None,
        *,
        timeout: float = 120.0,  # noqa: ASYNC109 - seconds to wait for the server
        user_sessions: bool | None = None,
    ) -> list[SchemaChange]:
        """Create what is missing, and wait until it is available.

        You can call it at any time, even from several processes at once; what exists is left
        unchanged.

        Args:
            on_progress: Called after each change with the number done, the total, and the change.
            timeout: Seconds to wait for the columns of one table, and again for its indexes. An
                index on a very large table may take longer than the default.
            user_sessions: Whether users write with their own sessions (default:
                `Settings.user_sessions`). If so, every authenticated user may insert interactions
                and audit rows, and rows have their own permissions. `crm.customers.reconcile()`
                lets users read existing customer records. False removes nothing.

        Returns:
            The changes that were missing and now exist, made by this call or by another process, in
            order; empty if nothing was missing.

        Raises:
            SchemaError: The team of the admin role does not exist, or a column is a relationship;
                in these cases, nothing was created. Or the server could not create a column or an
                index, or not in time; the error has Appwrite's reason. Whatever was created stays,
                and `apply` can be run again.
            PermissionDeniedError: The key may not do this.
            ConfigurationError: The client is authenticated as a user.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     print(await crm.schema.apply())  # an embedded server has it all
            []
        """
        expected = self._expected(user_sessions)
        team_problem = await find_admin_team_problem(self._connection, self._settings)
        if team_problem is not None:
            raise SchemaError(team_problem, problems=(team_problem,))
        existing = await self._read_for_plan(expected)
        changes = schema.plan(expected, existing)
        numbers = count(1)
        whole: dict[str, ActualTable] = {}
        for kinds, pending in _CREATION_ORDER:
            step = [change for change in changes if change.kind in kinds]
            for change in step:
                if change.table not in whole:
                    whole |= await self._create(expected, change)
                if on_progress is not None:
                    on_progress(next(numbers), len(changes), change)
            changed = {change.table for change in step}
            for table in expected.tables:
                known = None if table.id in changed else existing.tables.get(table.id)
                known = whole.get(table.id, known)
                found = known or await self._read_table(table.id)
                await self._wait_until_available(table, found, pending, timeout)
        return changes

    async def _create(
        self, expected: ExpectedDatabase, change: SchemaChange
    ) -> dict[str, ActualTable]:
        """Make one change; return the table if it was created with all its columns and indexes."""
        try:
            if isinstance(change.makes, ExpectedTable):
                with suppress(BadRequestError):  # some columns need a separate request
                    return await self._create_table_with_columns(expected, change.makes)
            await self._connection.send(create_resource(expected.id, change))
        except ConflictError as conflict:
            if not conflict.type.endswith("_already_exists"):
                raise
        return {}

    async def _create_table_with_columns(
        self, expected: ExpectedDatabase, table: ExpectedTable
    ) -> dict[str, ActualTable]:
        made = await self._connection.send(create_table_with_columns(expected.id, table))
        tables = {table.id: made}
        lacking = schema.missing_resources(expected, ActualDatabase(database=True, tables=tables))
        return {} if lacking else tables

    async def _wait_until_available(
        self,
        table: ExpectedTable,
        found: ActualTable,
        pending: Callable[[ExpectedTable, ActualTable], Iterator[PendingResource]],
        max_wait: float,
    ) -> None:
        deadline = monotonic() + max_wait
        pause = _FIRST_PAUSE
        while waiting := list(pending(table, found)):
            if broken := [resource for resource in waiting if resource.is_broken]:
                raise _error(broken, _FAILED_HINT)
            if monotonic() >= deadline:
                raise _error(waiting, _TIMEOUT_HINT)
            await asleep(pause)
            pause = min(pause * _GROWTH, _MAX_PAUSE)
            found = await self._read_table(table.id)

    async def _read(self, expected: ExpectedDatabase) -> ActualDatabase:
        bucket = await self._has_bucket(expected)
        try:
            await self._connection.send(get_database(expected.id))
        except SchemaError:
            return ActualDatabase(database=False, bucket=bucket)
        tables: dict[str, ActualTable] = {}
        for table in expected.tables:
            try:
                tables[table.id] = await self._read_table(table.id)
            except SchemaError:
                continue
        return ActualDatabase(database=True, tables=tables, bucket=bucket)

    async def _has_bucket(self, expected: ExpectedDatabase) -> bool:
        if expected.bucket is None:
            return False
        try:
            await self._connection.send(get_bucket(expected.bucket.id))
        except SchemaError:
            return False
        return True

    async def _read_table(self, table_id: str) -> ActualTable:
        return await self._connection.send(get_table(self._settings.database_id, table_id))

    async def _read_for_plan(self, expected: ExpectedDatabase) -> ActualDatabase:
        existing = await self._read(expected)
        if problems := tuple(schema.find_blocking_problems(expected, existing)):
            raise SchemaError(" ".join(problems), problems=problems)
        lacking = schema.missing_resources(expected, existing)
        with_rows = frozenset([table for table in lacking if await self._has_rows(table)])
        return replace(existing, with_rows=with_rows)

    async def _has_rows(self, table_id: str) -> bool:
        table = Table(self._settings.database_id, table_id, Row)
        page = await self._connection.send(list_rows(table, [query.select(ID), query.limit(1)]))
        return bool(page.rows)


def _error(waiting: list[PendingResource], advice: str) -> SchemaError:
    problems = tuple(map(str, waiting))
    return SchemaError(f"{'; '.join(problems)}. {advice}", problems=problems)
