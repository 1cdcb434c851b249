"""One customer: the timeline with its filters, and the form to log something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from interactions_sdk import ConflictError, CustomerNotFoundError, InteractionType
from interactions_sdk.desk.forms import (
    LOGGED_FIELDS,
    Fields,
    InvalidFormError,
    errors_by_field,
    new_key,
    read_draft,
    read_fields,
)
from interactions_sdk.desk.pages.customer_list import contact_fields, require_admin
from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.rendering import page
from interactions_sdk.desk.times import read_days
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from starlette.responses import Response

    from interactions_sdk import Customer, InteractionFilters
    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES"]

_MOST = 50
_MAX_KEY_LENGTH = 64
_SENT_BEFORE = (
    "This form was already sent with different text, and that entry was logged. If this is a new "
    "interaction, send it again."
)


async def _show(visit: Visit) -> Response:
    customer = await _customer(visit)
    kind = visit.argument("log")
    first = kind if kind in set(InteractionType) else InteractionType.CALL.value
    return await _timeline(visit, customer, Fields({"interaction_type": first}, key=new_key()))


async def _show_own(visit: Visit) -> Response:
    """Show a self-service user their own record."""
    customer = await visit.crm.customers.get_by_user_id(visit.person.id)
    return visit.go(f"/customers/{customer.id}", log=visit.argument("log"))


async def _customer(visit: Visit) -> Customer:
    """Return the customer; a self-service user's must be their own.

    Raises:
        CustomerNotFoundError: It does not exist, or belongs to another user; the message is the
            same.
    """
    try:
        customer = await visit.crm.customers.get(visit.id)
    except CustomerNotFoundError:
        customer = None
    if customer is None or not (visit.person.is_admin or customer.user_id == visit.person.id):
        raise CustomerNotFoundError("There is no such customer.")
    return customer


async def _timeline(
    visit: Visit,
    customer: Customer,
    fields: Fields,
    *,
    contact: Fields | None = None,
    status: int = 200,
) -> Response:
    """Show a customer's interactions; invalid filters are reported and ignored."""
    names = contact_fields(visit) if visit.person.is_admin else []
    query = visit.arguments("type", "outcome", "text", "since", "until")
    filters, errors = _filters(visit, customer, query)
    timeline = await visit.repo.find(limit=_MOST, after=visit.argument("after") or None, **filters)
    return page(
        visit,
        "customer",
        status=status,
        customer=customer,
        timeline=timeline,
        query=query,
        filter_errors=errors,
        fields=fields,
        contact=contact or Fields({name: getattr(customer, name) or "" for name in names}),
        contact_fields=names,
    )


def _filters(
    visit: Visit, customer: Customer, query: dict[str, str]
) -> tuple[InteractionFilters, dict[str, str]]:
    days = read_days(query, visit.zone)
    filters: InteractionFilters = {
        "customer_id": customer.id,
        "since": days.since,
        "until": days.until,
    }
    if query["type"]:
        filters["interaction_type"] = query["type"]
    if query["outcome"]:
        filters["outcome"] = query["outcome"]
    if query["text"]:
        filters["text"] = query["text"]
    return filters, days.errors


async def _log(visit: Visit) -> Response:
    """Log an interaction, once for each form that was shown."""
    customer = await _customer(visit)
    values = read_fields(visit, LOGGED_FIELDS)
    key = visit.sent("key")[:_MAX_KEY_LENGTH] or new_key()
    errors, message = {}, ""
    try:
        draft = read_draft(
            values, visit.zone, customer_id=customer.id, key=f"desk:{visit.person.id}:{key}"
        )
        await visit.repo.create(draft)
        return visit.go(f"/customers/{customer.id}", notice="logged")
    except InvalidFormError as error:
        errors = dict(error.errors)
    except ValidationError as error:
        errors = errors_by_field(error)
    except ConflictError:
        message, key = _SENT_BEFORE, new_key()
    fields = Fields(values, errors, message=message, key=key)
    status = 409 if message else 422
    return await _timeline(visit, customer, fields, status=status)


async def _change(visit: Visit) -> Response:
    """Change the name, the email address and the phone number."""
    await require_admin(visit)
    customer = await _customer(visit)
    values = read_fields(visit, tuple(contact_fields(visit)))
    changes: dict[str, Any] = {
        name: text.strip() or None
        for name, text in values.items()
        if text.strip() != (getattr(customer, name) or "")
    }
    try:
        if changes:
            await visit.crm.customers.update(customer.id, **changes)
    except BadRequestError as error:
        contact = Fields(values, dict.fromkeys(changes, str(error)))
        fields = Fields({"interaction_type": InteractionType.CALL.value}, key=new_key())
        return await _timeline(visit, customer, fields, contact=contact, status=422)
    return visit.go(f"/customers/{customer.id}", notice="updated")


ROUTES = (
    PageRoute("GET", "/me", _show_own),
    PageRoute("GET", "/customers/{id}", _show),
    PageRoute("POST", "/customers/{id}", _change),
    PageRoute("POST", "/customers/{id}/interactions", _log),
)
