from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interactions_sdk import schema
from interactions_sdk.schema import (
    ActualColumn,
    ActualDatabase,
    ActualIndex,
    ActualTable,
    ExpectedTable,
    PermissionChange,
    SchemaChange,
)
from interactions_sdk.settings import CustomerColumns, Settings

EXPECTED = schema.expected_schema(Settings())
INTERACTIONS, CUSTOMERS, AUDIT = EXPECTED.tables


def as_made(table: ExpectedTable) -> ActualTable:
    """Return the table as a server returns it after it was created as expected."""
    columns = [
        {
            "key": column.key,
            "type": "string" if column.type == "enum" else column.type,
            "format": "enum" if column.type == "enum" else "",
            "status": "available",
            "error": "",
            "required": column.required,
            "array": False,
            "size": column.size if column.type == "string" else None,
            "elements": column.elements or None,
            "min": 1 if column.type == "integer" else None,
            "max": 2**63 - 1 if column.type == "integer" else None,
        }
        for column in table.columns
    ]
    indexes = [
        {
            "key": index.key,
            "type": index.type,
            "status": "available",
            "error": "",
            "columns": index.columns,
        }
        for index in table.indexes
    ]
    return ActualTable.model_validate(
        {
            "$id": table.id,
            "rowSecurity": table.row_security,
            "$permissions": table.permissions,
            "columns": columns,
            "indexes": indexes,
        }
    )


def server_with(*changed: ActualTable, with_rows: bool = False) -> ActualDatabase:
    """Return a server where everything is as expected, except for these tables."""
    tables = {table.id: as_made(table) for table in EXPECTED.tables}
    tables |= {table.id: table for table in changed}
    return ActualDatabase(
        database=True, tables=tables, with_rows=frozenset(tables if with_rows else ())
    )


def without(
    table: ExpectedTable, *, columns: tuple[str, ...] = (), indexes: tuple[str, ...] = ()
) -> ActualTable:
    """Return the created table without these columns and indexes."""
    made = as_made(table)
    return made.model_copy(
        update={
            "columns": tuple(column for column in made.columns if column.key not in columns),
            "indexes": tuple(index for index in made.indexes if index.key not in indexes),
        }
    )


def with_column(table: ExpectedTable, name: str, /, **changes: Any) -> ActualTable:
    """Return the created table with one different column."""
    made = as_made(table)
    columns = tuple(
        column.model_copy(update=changes) if column.key == name else column
        for column in made.columns
    )
    return made.model_copy(update={"columns": columns})


def unindexed(table: ActualTable) -> ActualTable:
    """Return the created table without indexes."""
    return table.model_copy(update={"indexes": ()})


def with_index(
    table: ExpectedTable, index: ActualIndex, *, instead_of: tuple[str, ...] = ()
) -> ActualTable:
    """Return the created table with another index."""
    made = without(table, indexes=instead_of)
    return made.model_copy(update={"indexes": (*made.indexes, index)})


def an_index(key: str, kind: str, *columns: str, status: str = "available") -> ActualIndex:
    """Return an index on the server."""
    return ActualIndex(key=key, type=kind, columns=columns, status=status)


def planned(existing: ActualDatabase) -> list[SchemaChange]:
    """Plan with the default settings."""
    return schema.plan(EXPECTED, existing)


def found(existing: ActualDatabase) -> list[str]:
    """Check with the default settings."""
    return schema.find_problems(EXPECTED, existing)


# plan


def test_everything_is_planned_on_an_empty_server() -> None:
    """The database comes first, then tables with their columns, then all indexes."""
    changes = planned(ActualDatabase(database=False))
    kinds = [change.kind for change in changes]

    assert [
        "database",
        *["table", *["column"] * 15],
        *["table", *["column"] * 6],
        *["table", *["column"] * 6],
        *["index"] * 17,
    ] == kinds


def test_nothing_is_planned_where_all_is_there() -> None:
    """A schema as expected needs no changes."""
    assert [] == planned(server_with())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("database", None, "console-db"), "Create the database `console-db`."),
        (
            ("table", "audit_logs", "audit_logs"),
            "Create the table `audit_logs` without row security; only `label:superadmin` may read.",
        ),
        (
            ("column", "audit_logs", "details"),
            "Add the column `details` (string of 5000 characters) to the table `audit_logs`.",
        ),
        (
            ("column", "customer_interactions", "duration"),
            "Add the column `duration` (integer, 1 or more) to the table `customer_interactions`.",
        ),
        (
            ("column", "customers", "nextFollowUpAt"),
            "Add the column `nextFollowUpAt` (datetime) to the table `customers`.",
        ),
        (
            ("column", "audit_logs", "fingerprint"),
            "Add the column `fingerprint` (string of 64 characters) to the table `audit_logs`.",
        ),
        (
            ("index", "customers", "userId"),
            "Add the unique index `userId` on `userId` ASC to the table `customers`.",
        ),
    ],
)
def test_a_change_says_what_it_makes(change: tuple[str, str | None, str], sentence: str) -> None:
    """A change is a sentence that names the table and the resource."""
    (found,) = [
        found
        for found in planned(ActualDatabase(database=False))
        if change == (found.kind, found.table, found.name)
    ]

    assert sentence == str(found)


def test_a_column_for_an_enum_names_its_values() -> None:
    """The plan lists the values of an enum column."""
    sentences = [str(change) for change in planned(ActualDatabase(database=False))]

    assert any("`direction` (enum of inbound, outbound, required)" in s for s in sentences)


def test_a_table_gets_only_what_it_lacks() -> None:
    """Missing columns are added, and an application's own columns stay."""
    own = as_made(CUSTOMERS).model_copy(
        update={
            "columns": (ActualColumn(key="name", type="string", required=True, size=80),),
            "indexes": (),
        }
    )

    changes = planned(server_with(own))

    assert [
        *("userId", "lastContactAt", "nextFollowUpAt", "email", "phone"),
        *("userId", "lastContactAt", "nextFollowUpAt", "name"),
    ] == [change.name for change in changes]
    assert {"customers"} == {change.table for change in changes}


def test_a_table_with_rows_gets_the_columns_of_texts_that_the_settings_name() -> None:
    """Optional columns are added to an application's table only if the settings name them."""
    bare = without(CUSTOMERS, columns=("name", "email", "phone"), indexes=("name",))
    existing = server_with(bare, with_rows=True)
    named = schema.expected_schema(
        Settings(customer_columns=CustomerColumns(name="name", email=None))
    )

    assert [] == planned(existing)
    assert [] == list(schema.pending_columns(CUSTOMERS, bare))
    assert [] == list(schema.pending_indexes(CUSTOMERS, bare))
    assert ["name", "name"] == [change.name for change in schema.plan(named, existing)]
    apply = "run `crm.schema.apply()` or `interactions schema apply`"
    assert [
        f"The column `name` of the table `customers` is missing: {apply}.",
        (
            "Advice: the table `customers` has no text column `phone`, so this is not shown "
            "for customers. Set the names of your own columns in "
            "INTERACTIONS_CUSTOMER_COLUMNS__NAME, __EMAIL and __PHONE (`none` for none), or in "
            "Settings(customer_columns=...); those "
            f"that you set and the table lacks are created: {apply}."
        ),
    ] == schema.find_problems(named, existing)


@pytest.mark.parametrize(
    "changes", [{"key": "Name"}, {"type": "integer", "size": None}, {"array": True}]
)
def test_a_column_that_holds_no_names_is_not_used(changes: dict[str, Any]) -> None:
    """An unsuitable `name` column of an application is ignored; `email` may have its own type."""
    table = with_column(CUSTOMERS, "name", **changes).model_copy(
        update={"indexes": as_made(CUSTOMERS).indexes}
    )
    addresses = with_column(CUSTOMERS, "email", format="email")

    (advice,) = found(server_with(table))
    assert isinstance(advice, schema.Advice)
    assert "no text column `name`," in advice
    assert [] == found(server_with(addresses))


def test_an_index_for_sorting_customers_is_advised() -> None:
    """The index is added to a table with rows, and `check` explains its purpose."""
    bare = without(CUSTOMERS, indexes=("lastContactAt",))
    existing = server_with(bare, with_rows=True)

    assert ["lastContactAt"] == [change.name for change in planned(existing)]
    (advice,) = found(existing)
    assert isinstance(advice, schema.Advice)
    assert "which keeps listing customers by their last contact fast" in advice


def test_a_table_without_rows_gets_required_columns_and_unique_indexes() -> None:
    """An empty table is treated as new, which completes an interrupted apply."""
    bare = without(CUSTOMERS, columns=("userId",), indexes=("userId",))

    assert [
        replace(CUSTOMERS.columns[0], required=True),
        replace(CUSTOMERS.indexes[0], type="unique"),
    ] == [change.makes for change in planned(server_with(bare))]


def test_a_table_with_rows_gets_optional_columns_and_plain_indexes() -> None:
    """Rows without the column must stay editable, and values may be duplicated."""
    bare = without(CUSTOMERS, columns=("userId",), indexes=("userId",))

    assert [
        replace(CUSTOMERS.columns[0], required=False),
        replace(CUSTOMERS.indexes[0], type="key"),
    ] == [change.makes for change in planned(server_with(bare, with_rows=True))]


def test_only_tables_that_lack_something_are_asked_for_rows() -> None:
    """Complete and missing tables are not searched for rows."""
    existing = server_with(without(CUSTOMERS, columns=("lastContactAt",)))
    tables = {key: table for key, table in existing.tables.items() if key != "audit_logs"}

    assert ["customers"] == schema.missing_resources(EXPECTED, replace(existing, tables=tables))


@pytest.mark.parametrize(
    "index",
    [
        an_index("by_user", "key", "userId"),
        an_index("by_user", "unique", "userId"),
        an_index("by_user_and_date", "key", "userId", "lastContactAt"),
    ],
)
def test_an_index_that_starts_with_the_column_will_do(index: ActualIndex) -> None:
    """An index with any name that starts with the column is sufficient."""
    table = with_index(CUSTOMERS, index, instead_of=("userId",))

    assert [] == planned(server_with(table))
    assert [] == found(server_with(table))


@pytest.mark.parametrize(
    "index",
    [
        an_index("words", "fulltext", "subject"),
        an_index("both", "key", "customerId", "subject"),
    ],
)
def test_an_index_that_does_not_answer_the_query_will_not_do(index: ActualIndex) -> None:
    """Fulltext indexes, and indexes that start with another column, are not sufficient."""
    table = with_index(INTERACTIONS, index, instead_of=("subject",))

    assert ["subject"] == [change.name for change in planned(server_with(table))]


def test_a_name_that_another_index_has_is_not_used_twice() -> None:
    """If a fulltext index is named `subject`, the new index gets a number."""
    table = with_index(
        INTERACTIONS, an_index("Subject", "fulltext", "subject"), instead_of=("subject",)
    )
    twice = table.model_copy(
        update={"indexes": (*table.indexes, an_index("subject_2", "fulltext", "subject"))}
    )

    assert ["subject_2"] == [change.name for change in planned(server_with(table))]
    assert ["subject_3"] == [change.name for change in planned(server_with(twice))]


def test_a_long_name_with_a_number_is_still_a_name() -> None:
    """Names are shortened to Appwrite's limit of 36 characters."""
    name = "u" * 36
    expected = schema.expected_schema(Settings(customer_columns=CustomerColumns(user_id=name)))
    made = as_made(expected.tables[1])
    others = made.indexes[1:]
    taken = made.model_copy(update={"indexes": (an_index(name, "fulltext", name), *others)})
    existing = ActualDatabase(database=True, tables={"customers": taken})

    changes = [c for c in schema.plan(expected, existing) if c.table == "customers"]

    assert ["u" * 33 + "_2"] == [change.name for change in changes]


@pytest.mark.parametrize(
    "changes", [{"size": 769}, {"type": "text", "size": None}, {"array": True}]
)
def test_an_index_that_appwrite_would_refuse_is_not_planned(changes: dict[str, Any]) -> None:
    """Lists and columns of more than 768 characters cannot be indexed; `check` reports them."""
    bare = without(INTERACTIONS, indexes=("subject",))
    other = with_column(INTERACTIONS, "subject", **changes)
    table = other.model_copy(update={"indexes": bare.indexes})

    assert [] == planned(server_with(table))
    assert any(
        problem.startswith("The index on `subject` of the table `customer_interactions` is missing")
        and "768" in problem
        for problem in found(server_with(table))
    )


def test_a_column_that_differs_in_case_is_not_made_again() -> None:
    """Appwrite would reject the column as a duplicate, so it is reported as a problem."""
    table = with_column(CUSTOMERS, "userId", key="userid")
    bare = table.model_copy(update={"indexes": as_made(CUSTOMERS).indexes[1:]})

    assert [] == planned(server_with(bare))
    assert (
        "The column `userId` of the table `customers` is called `userid`, which is equal for "
        "Appwrite but not for this library: rename it in the Appwrite console, or change the "
        "setting that names it."
    ) == found(server_with(bare))[0]


# pending


def test_what_is_available_is_not_waited_for() -> None:
    """Available columns and indexes are not pending."""
    assert [] == list(schema.pending_columns(CUSTOMERS, as_made(CUSTOMERS)))
    assert [] == list(schema.pending_indexes(CUSTOMERS, as_made(CUSTOMERS)))


def test_columns_are_pending_until_they_are_available() -> None:
    """Columns that are processing or absent are pending."""
    table = with_column(CUSTOMERS, "userId", status="processing")
    columns = [column for column in table.columns if column.key != "nextFollowUpAt"]
    table = table.model_copy(update={"columns": tuple(columns)})

    assert [
        "The column `userId` of the table `customers` is processing",
        "The column `nextFollowUpAt` of the table `customers` is absent",
    ] == [str(what) for what in schema.pending_columns(CUSTOMERS, table)]


def test_what_failed_is_told_from_what_is_on_its_way() -> None:
    """A failed column is not waited for, and its error is reported."""
    table = with_column(CUSTOMERS, "userId", status="failed", error="Row size too large")
    (what,) = schema.pending_columns(CUSTOMERS, table)

    assert what.is_broken
    assert str(what).endswith("of the table `customers` is failed (Row size too large)")


def test_an_index_is_pending_unless_one_that_will_do_is_available() -> None:
    """An index is not pending if another sufficient index is available."""
    stuck = an_index("old", "unique", "userId", status="stuck")
    alone = with_index(CUSTOMERS, stuck, instead_of=("userId",))
    beside = with_index(CUSTOMERS, stuck)

    assert ["old"] == [what.name for what in schema.pending_indexes(CUSTOMERS, alone)]
    assert [] == list(schema.pending_indexes(CUSTOMERS, beside))


def test_an_index_that_does_not_show_yet_is_pending() -> None:
    """A created index is pending; one whose column does not exist is not."""
    bare = without(CUSTOMERS, indexes=("userId",))
    renamed = with_column(CUSTOMERS, "userId", key="userid").model_copy(
        update={"indexes": bare.indexes}
    )

    assert ["absent"] == [what.status for what in schema.pending_indexes(CUSTOMERS, bare)]
    assert [] == list(schema.pending_indexes(CUSTOMERS, renamed))


# check


def test_nothing_is_wrong_where_all_is_as_expected() -> None:
    """A complete schema has no problems."""
    assert [] == found(server_with())


def test_what_is_missing_is_named_with_the_way_to_make_it() -> None:
    """Each missing resource is one sentence that names the command to create it."""
    apply = "run `crm.schema.apply()` or `interactions schema apply`."
    existing = server_with(
        without(INTERACTIONS, columns=("outcome",), indexes=("subject", "outcome"))
    )
    tables = {key: table for key, table in existing.tables.items() if key != "customers"}

    assert [f"The database `console-db` is missing: {apply}"] == found(
        ActualDatabase(database=False)
    )
    assert [
        f"The column `outcome` of the table `customer_interactions` is missing: {apply}",
        f"The index on `subject` of the table `customer_interactions` is missing: {apply}",
        f"The index on `outcome` of the table `customer_interactions` is missing: {apply}",
        f"The table `customers` is missing: {apply}",
    ] == found(replace(existing, tables=tables))


@pytest.mark.parametrize(
    ("key", "changes", "problem"),
    [
        ("duration", {"type": "string", "size": 20}, "is of the type string of 20 characters and"),
        ("duration", {"type": "double"}, "is of the type double and should be integer"),
        ("nextActionDate", {"type": "string", "size": 64}, "is of the type string of 64"),
        ("subject", {"format": "email", "size": None}, "is of the type email and should be string"),
        ("relatedEntityType", {"format": "enum", "size": None}, "is of the type enum and should"),
        ("outcome", {"format": "", "type": "integer"}, "is of the type integer and should be enum"),
        ("subject", {"size": 100}, "holds only 100 characters: make it 200 or more"),
        ("outcome", {"format": None, "size": 40}, "holds only 40 characters: make it 50 or more"),
        ("direction", {"elements": ("inbound",)}, "does not take outbound: add to its elements"),
        ("direction", {"elements": None}, "does not take inbound, outbound: add to its elements"),
        ("metadata", {"array": True}, "is an array column but must not be one"),
        ("subject", {"required": True}, "is required, and this library also writes rows without"),
        ("duration", {"min": 5}, "accepts only 5 or more: lower its minimum to 1"),
        ("duration", {"max": 60}, "takes 60 at most, so longer ones would be refused"),
        ("subject", {"status": "processing"}, "is processing: wait or, if that does not help,"),
        ("subject", {"status": "failed", "error": "No room"}, "is failed (No room): wait"),
    ],
)
def test_a_column_that_takes_less_is_a_problem(
    key: str, changes: dict[str, Any], problem: str
) -> None:
    """Wrong types, smaller sizes, fewer values, lists and required columns are problems."""
    (sentence,) = found(server_with(with_column(INTERACTIONS, key, **changes)))

    assert sentence.startswith(f"The column `{key}` of the table `customer_interactions` {problem}")
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("subject", {"size": 700}),
        ("description", {"type": "text", "size": None}),
        ("metadata", {"type": "varchar", "size": 9000}),
        ("outcome", {"format": "", "elements": None, "size": 50}),
        ("direction", {"required": False}),
        ("interactionType", {"elements": (*INTERACTIONS.columns[1].elements, "visit")}),
        ("duration", {"min": None, "max": None}),
        ("duration", {"min": -(2**63)}),
    ],
)
def test_a_column_that_takes_more_is_no_problem(key: str, changes: dict[str, Any]) -> None:
    """Larger sizes, optional columns, text instead of enums and further values are accepted."""
    assert [] == found(server_with(with_column(INTERACTIONS, key, **changes)))


def test_a_customers_column_need_only_hold_a_users_id() -> None:
    """A user column needs 36 characters, the maximum for Appwrite's IDs."""
    assert [] == found(server_with(with_column(CUSTOMERS, "userId", size=36)))
    assert found(server_with(with_column(CUSTOMERS, "userId", size=20))) != []


def test_an_index_that_is_not_available_is_a_problem() -> None:
    """The problem names the status of the index and the solution."""
    index = an_index("by_user", "key", "userId", status="failed")

    assert [
        (
            "The index on `userId` of the table `customers` (`by_user`) is failed: wait or, if "
            "that does not help, delete it in the Appwrite console and run `crm.schema.apply()`."
        )
    ] == found(server_with(with_index(CUSTOMERS, index, instead_of=("userId",))))


def test_a_required_column_that_the_library_does_not_write_is_a_problem() -> None:
    """Without a value for the column, every create would be rejected."""
    own = ActualColumn(key="channel", type="string", required=True, size=20)
    optional = ActualColumn(key="region", type="string", size=20)
    interactions = as_made(INTERACTIONS)

    assert [
        (
            "The column `channel` of the table `customer_interactions` is required, and this "
            "library does not write it, so every create would be refused: make it optional."
        )
    ] == found(
        server_with(
            interactions.model_copy(update={"columns": (*interactions.columns, own, optional)}),
        )
    )


def test_a_unique_index_on_the_librarys_columns_is_a_problem() -> None:
    """A second interaction of a customer would be rejected."""
    clash = an_index("one", "unique", "customerId")
    own = an_index("number", "unique", "ticketNumber")

    assert [
        (
            "The index `one` of the table `customer_interactions` is unique, so a second row with "
            "the same customerId would be refused: make it a key index."
        )
    ] == found(server_with(with_index(INTERACTIONS, clash)))
    assert [] == found(server_with(with_index(INTERACTIONS, own)))


def test_row_security_that_is_off_is_a_problem_for_interactions_only() -> None:
    """Without row security, the permissions of rows have no effect."""
    off = {"row_security": False}
    existing = server_with(
        as_made(INTERACTIONS).model_copy(update=off), as_made(CUSTOMERS).model_copy(update=off)
    )

    (problem,) = found(existing)

    assert problem.startswith("The table `customer_interactions` has row security off")


@pytest.mark.parametrize(
    ("permission", "problem"),
    [
        ('read("any")', "lets everybody, signed in or not, read every row"),
        ('read("users")', "lets every signed-in user read every row"),
        ('read("users/verified")', "lets every signed-in user read every row"),
        ('update("guests")', "lets everybody who is not signed in update every row"),
        ('delete("users")', "lets every signed-in user delete every row"),
        ('create("users")', "a risk: it lets every signed-in user insert rows that name"),
        ('create("any")', "a risk: it lets everybody, signed in or not, insert rows that"),
    ],
)
@pytest.mark.parametrize("table", EXPECTED.tables, ids=lambda table: str(table.id))
def test_what_everybody_may_do_is_named(
    table: ExpectedTable, permission: str, problem: str
) -> None:
    """A permission on a table gives access to the rows of all customers."""
    made = as_made(table)
    opened = made.model_copy(update={"permissions": (*made.permissions, permission)})

    (sentence,) = found(server_with(opened))

    assert sentence.startswith(f"The table `{table.id}` has {permission}, ")
    assert problem in sentence
    assert "remove it" in sentence


def test_write_is_three_rights_in_one() -> None:
    """In Appwrite, `write` stands for create, update and delete."""
    made = as_made(INTERACTIONS)
    admin = ('write("label:superadmin")', 'read("label:superadmin")')
    everybody = (*admin, 'write("users")')

    assert [] == found(server_with(made.model_copy(update={"permissions": admin})))
    assert 3 == len(found(server_with(made.model_copy(update={"permissions": everybody}))))


def test_rights_of_other_roles_are_the_teams_own_affair() -> None:
    """Permissions of a team or a user are assumed to be intended."""
    made = as_made(INTERACTIONS)
    permissions = (*made.permissions, 'read("team:sales")', 'read("user:ada")')

    assert [] == found(server_with(made.model_copy(update={"permissions": permissions})))


def test_rights_that_admins_lack_are_named() -> None:
    """Signed-in admins need them, except for customers, which the application manages."""
    nobody: dict[str, Any] = {"permissions": ()}
    existing = server_with(
        as_made(CUSTOMERS).model_copy(update=nobody), as_made(AUDIT).model_copy(update=nobody)
    )

    assert [
        (
            "The table `audit_logs` does not let `label:superadmin` read: add "
            'read("label:superadmin"), or change the setting admin_role.'
        )
    ] == found(existing)


# tables that users write to with their own sessions

OPENED = schema.expected_schema(Settings(user_sessions=True))
TO_INSERT = 'create("users")'


def opened(table: ExpectedTable, **changes: object) -> ActualTable:
    """Return a table that only a key has used, with some changes."""
    return as_made(table).model_copy(update=changes)


def test_users_may_insert_into_two_tables_only_if_wanted() -> None:
    """With `user_sessions`, users may insert interactions and audit rows, but not customers."""
    assert [True, False, True] == [TO_INSERT in table.permissions for table in OPENED.tables]
    assert not any(TO_INSERT in table.permissions for table in EXPECTED.tables)
    [table] = [
        change
        for change in schema.plan(OPENED, ActualDatabase(database=False))
        if (change.kind, change.table) == ("table", "audit_logs")
    ]
    assert str(table).endswith("may read. Every signed-in user may create as well.")


def test_what_is_there_is_opened_and_keeps_what_it_has() -> None:
    """Permissions are added and row security is enabled; nothing else changes."""
    customers = opened(
        CUSTOMERS, name="Clients", row_security=False, permissions=('read("label:sales")',)
    )
    interactions = opened(INTERACTIONS, enabled=False)
    audit = opened(AUDIT, permissions=(TO_INSERT,))

    changes = schema.plan(OPENED, server_with(customers, interactions, audit))

    assert [
        'Grant create("users") on the table `customer_interactions`.',
        "Switch row security on for the table `customers`.",
    ] == [str(change) for change in changes]
    assert [
        PermissionChange(
            "customer_interactions",
            enabled=False,
            row_security=True,
            permissions=(*interactions.permissions, TO_INSERT),
        ),
        PermissionChange(
            "Clients", enabled=True, row_security=True, permissions=('read("label:sales")',)
        ),
    ] == [change.makes for change in changes]
    assert [] == planned(server_with(customers))


def test_what_users_lack_is_a_problem() -> None:
    """The problem names the call that adds the permission."""
    assert ["`customer_interactions`", "`audit_logs`"] == [
        problem.split()[2]
        for problem in schema.find_problems(OPENED, server_with())
        if "apply(user_sessions=True)" in problem and TO_INSERT in problem
    ]


def test_an_audit_log_with_row_security_is_a_problem() -> None:
    """With row security, a user could change the audit rows that they insert."""
    tables = [opened(table, permissions=table.permissions) for table in OPENED.tables]
    assert [] == schema.find_problems(OPENED, server_with(*tables))

    audit = opened(OPENED.tables[2], row_security=True)
    customers = opened(CUSTOMERS, row_security=False)
    problems = schema.find_problems(OPENED, server_with(tables[0], customers, audit))

    assert ["`customers` has row security off", "`audit_logs` has row security on"] == [
        " ".join(problem.split()[2:7]).rstrip(",") for problem in problems
    ]


def test_what_users_may_not_write_is_a_problem_in_either_case() -> None:
    """Users must not write customers, nor any table without `user_sessions`."""
    open_to_users = opened(OPENED.tables[0])
    [problem] = found(server_with(open_to_users))
    assert "set user_sessions" in problem

    customers = opened(CUSTOMERS, permissions=(TO_INSERT,))
    tables = (opened(OPENED.tables[0]), opened(OPENED.tables[2]), customers)
    [problem] = schema.find_problems(OPENED, server_with(*tables))
    assert "`customers` has create" in problem
    assert problem.endswith("insert rows that name another customer; remove it.")


def test_an_index_that_only_makes_it_faster_is_advice() -> None:
    """An earlier version's table without the index has no problem, and gets it by `apply`."""
    table = next(each for each in EXPECTED.tables if each.id == "customer_interactions")
    made = as_made(table)
    kept = tuple(each for each in made.indexes if each.key != "customerId_createdAt")
    earlier = server_with(made.model_copy(update={"indexes": kept}))

    [change] = planned(earlier)
    assert str(change) == (
        "Add the key index `customerId_createdAt` on `customerId` ASC, `$createdAt` ASC to the "
        "table `customer_interactions`."
    )
    [sentence] = found(earlier)
    assert isinstance(sentence, schema.Advice)
    assert sentence.startswith("Advice: the table `customer_interactions` has no index on")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (as_made(CUSTOMERS), False),
        (without(CUSTOMERS, indexes=("userId",)), True),
        (with_index(CUSTOMERS, an_index("u", "key", "userId"), instead_of=("userId",)), True),
        (
            with_index(
                CUSTOMERS, an_index("u", "unique", "userId", "email"), instead_of=("userId",)
            ),
            True,
        ),
        (
            with_index(
                CUSTOMERS,
                an_index("u", "unique", "userId", status="failed"),
                instead_of=("userId",),
            ),
            True,
        ),
        (without(CUSTOMERS, columns=("userId",), indexes=("userId",)), False),
        (unindexed(with_column(CUSTOMERS, "userId", key="userid")), False),
        (unindexed(with_column(CUSTOMERS, "userId", type="relationship", size=None)), False),
        (unindexed(with_column(CUSTOMERS, "userId", status="processing")), False),
    ],
)
def test_only_a_unique_index_keeps_values_apart(table: ActualTable, *, expected: bool) -> None:
    """Without a unique index on a text column, customers are compared one by one."""
    assert expected == table.may_repeat("userId")


# relationships, and columns that an application requires

RELATED = "is a relationship, but this library writes the ID as text: rename the relationship in "


@pytest.mark.parametrize(("table", "column"), [(CUSTOMERS, "userId"), (INTERACTIONS, "customerId")])
def test_a_relationship_must_be_renamed_before_apply(table: ExpectedTable, column: str) -> None:
    """A relationship in place of a column is the only problem, and no index on it is planned."""
    changed = with_column(table, column, type="relationship", size=None, required=False)
    existing = server_with(unindexed(changed))

    problems = schema.find_blocking_problems(EXPECTED, existing)

    sentence = f"The column `{column}` of the table `{table.id}` {RELATED}"
    assert [True] == [each.startswith(sentence) for each in problems]
    assert problems[0] in found(existing)
    assert not any(each.startswith(f"The index on `{column}`") for each in found(existing))
    assert column not in [change.name for change in planned(existing)]


@pytest.mark.parametrize(
    "existing",
    [
        server_with(),
        server_with(without(CUSTOMERS, columns=("userId",))),
        ActualDatabase(database=False),
    ],
)
def test_nothing_else_stands_in_the_way_of_apply(existing: ActualDatabase) -> None:
    """Missing resources do not block `apply`."""
    assert [] == schema.find_blocking_problems(EXPECTED, existing)


def test_required_columns_of_customers_are_named() -> None:
    """Columns that an application requires are advice, since they can be passed."""
    made = as_made(CUSTOMERS)
    own = (
        ActualColumn(key="name", type="string", required=True, size=80),
        ActualColumn(key="email", type="string", required=True, size=80),
        ActualColumn(key="phone", type="string", size=80),
    )
    existing = server_with(made.model_copy(update={"columns": (*made.columns, *own)}))

    (advice,) = found(existing)

    assert isinstance(advice, schema.Advice)
    assert (
        "Advice: the table `customers` requires `name`, `email`: pass what it requires when you "
        'create a customer, as in customers.ensure("ada", name=..., email=...), or make it '
        "optional in the Appwrite console."
    ) == advice
