"""Permission strings such as `read("user:ann")`."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from interactions_sdk.embedded.values.identifiers import KEY_RULE, is_id
from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CREATE: Final = "create"
READ: Final = "read"
UPDATE: Final = "update"
DELETE: Final = "delete"
WRITE: Final = "write"

ROW_ACTIONS = (READ, UPDATE, DELETE)
TABLE_ACTIONS = (CREATE, READ, UPDATE, DELETE)

# role -> (takes an id, dimensions it takes: none, those named, or any where there is no name)
_ROLES: dict[str, tuple[bool, tuple[str, ...] | None]] = {
    "any": (False, None),
    "guests": (False, None),
    "users": (False, ("verified", "unverified")),
    "user": (True, ("verified", "unverified")),
    "team": (True, ()),
    "member": (True, None),
    "label": (True, None),
}
_LABEL_RULE = (
    "Value must be a valid string between 1 and 36 chars containing only alphanumeric chars"
)


def validation_error(permissions: object, actions: Sequence[str] = TABLE_ACTIONS) -> str | None:
    """Return the error of a list of permissions; None if it is valid.

    Transcripts `row-permissions-form` and `tables`.
    """
    if not isinstance(permissions, list):
        return "Permissions must be an array of strings."
    allowed = (*actions, WRITE)
    for permission in permissions:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(permission, str):
            return "Every permission must be of type string."
        if wrong := _permission_error(permission, allowed):
            return wrong
    return None


@lru_cache(maxsize=1024)
def _permission_error(permission: str, allowed: tuple[str, ...]) -> str | None:
    if permission == "*":
        return 'Wildcard permission "*" has been replaced. Use "any" instead.'
    if "role:" in permission:
        return (
            'Permissions using the "role:" prefix have been replaced. '
            'Use "users", "guests", or "any" instead.'
        )
    if not permission.startswith(allowed):
        names = ", ".join(allowed)
        return f'Permission "{permission}" is not allowed. Must be one of: {names}.'
    action, opening, rest = permission.partition('("')
    if not opening or '("' in rest:
        return f'Invalid permission string format: "{permission}".'
    if action not in {*TABLE_ACTIONS, WRITE}:
        return f'Invalid permission type: "{action}".'
    return _role_error(rest.replace('")', ""))


def _role_error(role: str) -> str | None:  # noqa: PLR0911 - one for each rule
    name, identifier, dimension = _role_parts(role)
    if name not in _ROLES:
        names = ", ".join(_ROLES)
        return f'Role "{name}" is not allowed. Must be one of: {names}.'
    takes_id, dimensions = _ROLES[name]
    if role.endswith("/"):
        return "Dimension must not be empty"
    if identifier and not takes_id:
        return f'Role "{name}" can not have an ID value.'
    if takes_id and (wrong := _identifier_error(name, identifier)):
        return wrong
    if dimension and dimensions is None:
        return f'Role "{name}" can not have a dimension value.'
    if dimension and dimensions and dimension not in dimensions:
        names = ", ".join(dimensions)
        return f'Role "{name}" dimension value is invalid. Must be one of: {names}.'
    return None


def _identifier_error(role: str, identifier: str) -> str | None:
    if not identifier:
        return f'Role "{role}" must have an ID value.'
    if role == "label" and not (is_id(identifier) and identifier.isalnum()):
        return f'Role "{role}" identifier value is invalid: {_LABEL_RULE}'
    if not is_id(identifier):
        return f'Role "{role}" identifier value is invalid: {KEY_RULE}'
    return None


def _role_parts(role: str) -> tuple[str, str, str]:
    rest, _, dimension = role.partition("/")
    name, _, identifier = rest.partition(":")
    return name, identifier, dimension


@lru_cache(maxsize=1024)
def parse(permission: str) -> tuple[str, str]:
    """Split a valid permission into action and role."""
    action, _, rest = permission.partition('("')
    return action, rest.removesuffix('")')


def expand(permissions: Iterable[str], actions: Sequence[str]) -> list[str]:
    """Replace `write` by the actions it stands for, and drop duplicates."""
    expanded: dict[str, None] = {}
    for permission in permissions:
        action, role = parse(permission)
        granted = [each for each in actions if each != READ] if action == WRITE else [action]
        expanded.update(dict.fromkeys(f'{each}("{role}")' for each in granted))
    return list(expanded)


def roles_with(permissions: Iterable[str], action: str) -> list[str]:
    """Return the roles to which a list of permissions grants an action."""
    return [role for granted, role in map(parse, permissions) if granted == action]


def owner_permissions(user_id: str) -> list[str]:
    """Return a user's permissions on a new row (transcript `permissions-row`)."""
    return [f'{action}("user:{user_id}")' for action in ROW_ACTIONS]


def require_held_roles(permissions: Iterable[str], roles: Sequence[str]) -> None:
    """Reject permissions that a user grants to roles they do not have."""
    if any(role not in roles for _, role in map(parse, permissions)):
        names = ", ".join(roles)
        raise AppwriteError("user_unauthorized", message=f"Permissions must be one of: ({names})")


def missing_permission_error(action: str, granted: Sequence[str], roles: Sequence[str]) -> str:
    """Return the error for an action that none of the actor's roles is granted."""
    if not granted:
        return f"No permissions provided for action '{action}'"
    return (
        f'Missing "{action}" permission for role "{granted[-1]}". '
        f'Only "{_encode_php_json(roles)}" scopes are allowed '
        f'and "{_encode_php_json(granted)}" was given.'
    )


def _encode_php_json(names: Sequence[str]) -> str:
    # PHP escapes slashes in JSON (transcript `permissions-team`).
    return json.dumps(names, separators=(",", ":")).replace("/", "\\/")
