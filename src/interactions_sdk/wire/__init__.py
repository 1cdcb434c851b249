"""Appwrite's API: each request as a value that knows how to parse its response.

Only this package knows Appwrite's paths and bodies; `connection` is the only one that sends.
Responses are parsed from bytes to models in one step, without intermediate dictionaries.
"""

from interactions_sdk.wire.call import Call, RowList, SequencedRowList, Table
from interactions_sdk.wire.rows import (
    create_row,
    create_rows,
    delete_row,
    list_rows,
    list_sequenced_rows,
    update_row,
    update_rows,
)
from interactions_sdk.wire.transactions import (
    MAX_OPERATIONS,
    TransactionState,
    begin_transaction,
    commit_transaction,
    get_transaction,
    roll_back_transaction,
    stage_operations,
)
from interactions_sdk.wire.users import (
    Membership,
    MembershipList,
    User,
    create_jwt,
    get_account,
    get_user,
    list_members,
    list_memberships,
)

__all__ = [
    "MAX_OPERATIONS",
    "Call",
    "Membership",
    "MembershipList",
    "RowList",
    "SequencedRowList",
    "Table",
    "TransactionState",
    "User",
    "begin_transaction",
    "commit_transaction",
    "create_jwt",
    "create_row",
    "create_rows",
    "delete_row",
    "get_account",
    "get_transaction",
    "get_user",
    "list_members",
    "list_memberships",
    "list_rows",
    "list_sequenced_rows",
    "roll_back_transaction",
    "stage_operations",
    "update_row",
    "update_rows",
]
