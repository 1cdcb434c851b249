"""Differences from the expected schema, as sentences that say how to fix them."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from interactions_sdk.schema.actual import AVAILABLE
from interactions_sdk.schema.expected import USERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.schema.actual import ActualColumn, ActualDatabase, ActualTable
    from interactions_sdk.schema.expected import Column, ExpectedDatabase, ExpectedTable, Index

__all__ = ["Advice", "find_blocking_problems", "find_problems"]

_APPLY = "run `crm.schema.apply()` or `interactions schema apply`"

_RELATIONSHIP = (
    "is a relationship, but this library writes the ID as text: rename the relationship in the "
    f"Appwrite console, {_APPLY}, and copy the IDs of the related rows into the new column"
)

_PERMISSION = re.compile(r'(\w+)\("([^"]+)"\)')
_WRITE = ("create", "update", "delete")
_PUBLIC_ROLES = {
    "any": "everybody, signed in or not,",
    "guests": "everybody who is not signed in",
    "users": "every signed-in user",
}
_MAX_INTEGER = 2**63 - 1


class Advice(str):
    """A sentence of `crm.schema.check()` that is a recommendation and not a problem."""

    __slots__ = ()


def find_problems(expected: ExpectedDatabase, existing: ActualDatabase) -> list[str]:
    """Return what is missing, wrong or risky, one sentence each.

    It is not a problem if something accepts more than this library writes: a longer column, an
    optional instead of a required column, a text instead of an enum, an index with another name.

    Example:
        >>> from interactions_sdk.schema import ActualDatabase, expected_schema
        >>> from interactions_sdk.settings import Settings
        >>> actual = ActualDatabase(database=False)
        >>> for problem in find_problems(expected_schema(Settings()), actual):
        ...     print(problem)
        The database `console-db` is missing: run `crm.schema.apply()` or ...
    """
    if not existing.database:
        return [f"The database `{expected.id}` is missing: {_APPLY}."]
    problems: list[str] = []
    if expected.bucket is not None and not existing.bucket:
        problems.append(f"The bucket `{expected.bucket.id}` is missing: {_APPLY}.")
    for table in expected.tables:
        problems += _table_problems(table, existing, user_sessions=expected.user_sessions)
    return problems


def find_blocking_problems(expected: ExpectedDatabase, existing: ActualDatabase) -> list[str]:
    """Return the problems that must be fixed before `apply` creates anything."""
    return [
        _column_problem(table, column, _RELATIONSHIP)
        for table in expected.tables
        for column in table.columns
        if not column.optional and _is_relationship(column, existing.tables.get(table.id))
    ]


def _is_relationship(column: Column, found: ActualTable | None) -> bool:
    state = None if found is None else found.column(column.key)
    return state is not None and state.is_relationship


def _column_problem(table: ExpectedTable, column: Column, problem: str) -> str:
    return f"The column `{column.key}` of the table `{table.id}` {problem}."


def _table_problems(
    table: ExpectedTable, existing: ActualDatabase, *, user_sessions: bool
) -> Iterator[str]:
    found = existing.tables.get(table.id)
    if found is None:
        yield f"The table `{table.id}` is missing: {_APPLY}."
        return
    for column in (each for each in table.columns if not each.optional):
        for problem in _column_problems(column, found):
            yield _column_problem(table, column, problem)
    yield from _optional_column_advice(table, found)
    for index in table.indexes:
        if index.advised:
            yield from _index_advice(table, index, found)
            continue
        for problem in _index_problems(index, found):
            yield f"The index on `{index.column}` of the table `{table.id}` {problem}."
    if table.shared:
        yield from _required_column_advice(table, found)
    else:
        yield from _extra_column_problems(table, found)
    if not table.shared or user_sessions:
        yield from _row_security_problems(table, found)
    if not table.shared:
        yield from _admin_permission_problems(table, found)
    yield from _user_permission_problems(table, found)
    yield from _public_permission_problems(table, found, user_sessions=user_sessions)


def _column_problems(column: Column, found: ActualTable) -> Iterator[str]:
    state = found.column(column.key)
    if state is None:
        yield f"is missing: {_APPLY}"
    elif state.key != column.key:
        yield (
            f"is called `{state.key}`, which is equal for Appwrite but not for this library: "
            "rename it in the Appwrite console, or change the setting that names it"
        )
    elif state.is_relationship:
        yield _RELATIONSHIP
    elif state.status != AVAILABLE:
        yield _not_available(state.status, state.error)
    elif not _same_type(column, state):
        yield (
            f"is of the type {state} and should be {column.type}: rename it, run "
            "`crm.schema.apply()`, and copy its values"
        )
    else:
        yield from _accepts_problems(column, state)


def _same_type(column: Column, state: ActualColumn) -> bool:
    if column.type == "string":
        return state.is_text
    if column.type == "enum":
        return state.is_text or state.is_enum
    return state.type == column.type


def _accepts_problems(column: Column, state: ActualColumn) -> Iterator[str]:
    if state.array:
        yield "is an array column but must not be one: recreate it without `array`"
    if state.size is not None and state.size < column.min_size:
        yield f"holds only {state.size} characters: make it {column.min_size} or more"
    missing = [value for value in column.elements if value not in (state.elements or ())]
    if state.is_enum and missing:
        yield f"does not take {', '.join(missing)}: add to its elements"
    if column.type == "integer":
        yield from _range_problems(column, state)
    if state.required and not column.required:
        yield (
            "is required, and this library also writes rows without it, which would be refused: "
            "make it optional"
        )


def _range_problems(column: Column, state: ActualColumn) -> Iterator[str]:
    if state.min is not None and state.min > column.minimum:
        yield f"accepts only {state.min} or more: lower its minimum to {column.minimum}"
    if state.max is not None and state.max < _MAX_INTEGER:
        yield f"takes {state.max} at most, so longer ones would be refused: remove its maximum"


def _index_advice(table: ExpectedTable, index: Index, found: ActualTable) -> Iterator[Advice]:
    column = found.column(index.column)
    can_be_made = column is not None and column.can_be_indexed
    if can_be_made and not found.indexes_on(*index.columns):
        columns = " and ".join(f"`{column}`" for column in index.columns)
        yield Advice(
            f"Advice: the table `{table.id}` has no index on {columns}, which keeps "
            f"{index.purpose} fast in a large table: {_APPLY}."
        )


def _optional_column_advice(table: ExpectedTable, found: ActualTable) -> Iterator[Advice]:
    """Yield one sentence about missing columns for the names and contact details of customers."""
    unused = [
        f"`{column.key}`"
        for column in table.columns
        if column.optional and not _holds_text(found.column(column.key), column.key)
    ]
    if unused:
        yield Advice(
            f"Advice: the table `{table.id}` has no text column {' or '.join(unused)}, so "
            "this is not shown for customers. Set the names of your own columns in "
            "INTERACTIONS_CUSTOMER_COLUMNS__NAME, __EMAIL and __PHONE (`none` for none), or in "
            f"Settings(customer_columns=...); those that you set and the table lacks are created: "
            f"{_APPLY}."
        )


def _holds_text(state: ActualColumn | None, key: str) -> bool:
    return state is not None and state.key == key and state.holds_text


def _index_problems(index: Index, found: ActualTable) -> Iterator[str]:
    column = found.column(index.column)
    states = found.indexes_on(index.column)
    if column is not None and column.is_relationship:
        return  # the problem of the column says what to do
    if not states and column is not None and not column.can_be_indexed:
        yield (
            f"is missing, and Appwrite makes none on a list or on more than 768 characters "
            f"({column}): reading will be slow until the column is shorter"
        )
    elif not states:
        yield f"is missing: {_APPLY}"
    elif all(state.status != AVAILABLE for state in states):
        yield f"(`{states[0].key}`) " + _not_available(states[0].status, states[0].error)


def _not_available(status: str, error: str | None) -> str:
    reason = f" ({error})" if error else ""
    return (
        f"is {status}{reason}: wait or, if that does not help, delete it in the Appwrite "
        "console and run `crm.schema.apply()`"
    )


def _required_column_advice(table: ExpectedTable, found: ActualTable) -> Iterator[Advice]:
    ours = {column.key.lower() for column in table.columns if not column.optional}
    required = [
        each.key for each in found.columns if each.required and each.key.lower() not in ours
    ]
    if required:
        names = ", ".join(f"`{name}`" for name in required)
        values = ", ".join(f"{name}=..." for name in required)
        yield Advice(
            f"Advice: the table `{table.id}` requires {names}: pass what it requires when you "
            f'create a customer, as in customers.ensure("ada", {values}), or make it optional in '
            "the Appwrite console."
        )


def _extra_column_problems(table: ExpectedTable, found: ActualTable) -> Iterator[str]:
    ours = {column.key.lower() for column in table.columns}
    for column in found.columns:
        if column.required and column.key.lower() not in ours:
            yield (
                f"The column `{column.key}` of the table `{table.id}` is required, and this "
                "library does not write it, so every create would be refused: make it optional."
            )
    for index in found.indexes:
        if index.type == "unique" and ours.issuperset(name.lower() for name in index.columns):
            yield (
                f"The index `{index.key}` of the table `{table.id}` is unique, so a second row "
                f"with the same {', '.join(index.columns)} would be refused: make it a key index."
            )


def _row_security_problems(table: ExpectedTable, found: ActualTable) -> Iterator[str]:
    if table.row_security and not found.row_security:
        yield (
            f"The table `{table.id}` has row security off, so the permissions of its rows do not "
            "count and their owners cannot read them: switch it on in the Appwrite console."
        )
    if table.user_rights and found.row_security and not table.row_security:
        yield (
            f"The table `{table.id}` has row security on, so users could change and delete the "
            "rows that they insert into it: switch it off in the Appwrite console."
        )


def _admin_permission_problems(table: ExpectedTable, found: ActualTable) -> Iterator[str]:
    granted = set(chain.from_iterable(map(_permission_words, found.permissions)))
    lacking = [right for right in table.admin_rights if (right, table.admin_role) not in granted]
    if lacking:
        permissions = ", ".join(f'{right}("{table.admin_role}")' for right in lacking)
        yield (
            f"The table `{table.id}` does not let `{table.admin_role}` {', '.join(lacking)}: "
            f"add {permissions}, or change the setting admin_role."
        )


def _user_permission_problems(table: ExpectedTable, found: ActualTable) -> Iterator[str]:
    for permission in table.user_permissions:
        if permission not in found.permissions:
            yield (
                f"The table `{table.id}` does not have {permission}, so users cannot write with "
                "their own sessions: run `crm.schema.apply(user_sessions=True)`."
            )


def _public_permission_problems(
    table: ExpectedTable, found: ActualTable, *, user_sessions: bool
) -> Iterator[str]:
    for permission in found.permissions:
        for right, role in _permission_words(permission):
            who = _PUBLIC_ROLES.get(role.split("/")[0])
            is_expected = right in table.user_rights and role == USERS
            if who is not None and not is_expected:
                danger = _risk(right, who, user_sessions=user_sessions)
                yield f"The table `{found.id}` has {permission}, {danger}."


def _risk(right: str, who: str, *, user_sessions: bool) -> str:
    if right == "create":
        unless = (
            ""
            if user_sessions
            else " unless users write with their own sessions; in that case set user_sessions, so "
            "that such rows are ignored"
        )
        return f"a risk: it lets {who} insert rows that name another customer; remove it{unless}"
    return (
        f"which lets {who} {right} every row, whoever it belongs to: remove it, because "
        "rows have the permissions of their owners"
    )


def _permission_words(permission: str) -> list[tuple[str, str]]:
    """Return the actions that a permission allows; `write` stands for three."""
    return [
        (right, role)
        for action, role in _PERMISSION.findall(permission)
        for right in (_WRITE if action == "write" else (action,))
    ]
