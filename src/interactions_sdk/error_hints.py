"""What to do about the errors that Appwrite returns, by their type."""

from __future__ import annotations

from interactions_sdk.scopes import list_scopes

__all__ = ["MISSING_SCHEMA_HINT", "MISSING_SCHEMA_USER_HINT", "USER_HINTS", "hint_for"]

MISSING_SCHEMA_HINT = (
    "Create what is missing with `crm.schema.apply()` or `interactions schema apply`, or check the"
    " settings database_id, interactions_table, customers_table, audit_table and"
    " attachments_bucket."
)

MISSING_SCHEMA_USER_HINT = (
    "Appwrite also returns this error when a signed-in user makes a call that requires an API key,"
    " such as those for many rows. Otherwise check the settings database_id, interactions_table,"
    " customers_table and audit_table, and run `crm.schema.check()` with an API key."
)

_BY_TYPE: dict[str, str] = {
    "user_unauthorized": "Check APPWRITE_API_KEY: it must belong to this project and have the"
    f" scopes {list_scopes()}.",
    "user_blocked": "The account is blocked: unblock it in the Appwrite console, or sign in with"
    " another account.",
    "general_unauthorized_scope": "Give the API key this scope in the Appwrite console.",
    "project_not_found": "Check APPWRITE_PROJECT_ID.",
    "project_id_missing": "Check APPWRITE_PROJECT_ID.",
    "general_route_not_found": "Check that the endpoint ends in /v1 and that the server runs"
    " Appwrite 1.8 or newer.",
    "general_rate_limit_exceeded": "Send fewer requests at once, or raise the limit.",
    "transaction_conflict": "Another request changed the same rows. Read them again and retry.",
    "row_update_conflict": "Another request changed the row. Read it again and retry.",
}

_MALFORMED_JWT = "Pass the whole JWT that account.createJWT() returned, without anything before it."

_JWT_BY_CAUSE: dict[str, str] = {
    "Expired": "A JWT lasts 15 minutes by default. Pass a new one, or a function that fetches one"
    " as jwt=.",
    "Signature failed": "Another server created it, or it was changed on the way. Pass one that"
    " account.createJWT() of this server returned.",
    "Invalid token": _MALFORMED_JWT,
    "JSON failed": _MALFORMED_JWT,
    "": "Pass a new one, or a function that fetches one as jwt=.",
}
"""The first key that occurs in Appwrite's message decides; the last one occurs in every message."""

USER_HINTS: dict[str, str] = {
    "user_unauthorized": "Appwrite does not let this user do it: the table must let users write"
    " (`crm.schema.apply(user_sessions=True)`, with an API key), the row must belong to the user,"
    " and the session must not have ended.",
    "general_unauthorized_scope": "No signed-in user may do this: use a client with an API key. Or"
    " the session has ended: sign in again.",
}
"""What to do for a client without an API key, where this differs, by Appwrite's error type."""


def hint_for(kind: str, message: str) -> str:
    """Return what to do about an error of Appwrite, by its type and message, or an empty text.

    Example:
        >>> hint_for("project_not_found", "Project with the requested ID could not be found.")
        'Check APPWRITE_PROJECT_ID.'
    """
    if kind == "user_jwt_invalid":
        return next(hint for cause, hint in _JWT_BY_CAUSE.items() if cause in message)
    return _BY_TYPE.get(kind, "")
