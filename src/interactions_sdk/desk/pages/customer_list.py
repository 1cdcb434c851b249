"""All customers: searching, sorting, and adding one; for admins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from interactions_sdk import ConflictError, UserNotFoundError
from interactions_sdk.desk.forms import Fields, read_fields
from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.rendering import page
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from starlette.responses import Response

    from interactions_sdk import AsyncPage, Customer
    from interactions_sdk.customer_filters import CustomerSort
    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES", "contact_fields", "require_admin"]

_CONTACT_FIELDS = ("name", "email", "phone")
_MOST = 50
_SORTS: dict[str, CustomerSort] = {
    "name": "name",
    "contact": "last_contact",
    "follow-up": "next_follow_up",
    "new": "created",
}
_QUIET_DAYS = {"quiet-30": 30, "quiet-90": 90}


async def _show_list(visit: Visit) -> Response:
    await require_admin(visit)
    return await _list_page(visit, Fields())


async def _list_page(visit: Visit, fields: Fields, *, status: int = 200) -> Response:
    query = visit.arguments("q", "sort", "only")
    return page(
        visit,
        "customers",
        status=status,
        customers=await _find(visit, query),
        query=query,
        fields=fields,
        contact_fields=contact_fields(visit),
    )


async def _find(visit: Visit, query: dict[str, str]) -> AsyncPage[Customer]:
    customers = visit.crm.customers
    order = _SORTS.get(query["sort"], "last_contact")
    after = visit.argument("after") or None
    if query["q"]:
        return await customers.search(query["q"], order_by=order, limit=_MOST, after=after)
    quiet = _QUIET_DAYS.get(query["only"])
    return await customers.find(
        order_by=order,
        limit=_MOST,
        after=after,
        no_contact_since=visit.now - timedelta(days=quiet) if quiet else None,
        follow_up_before=visit.morning(1) if query["only"] == "due" else None,
    )


def contact_fields(visit: Visit) -> list[str]:
    """Return the fields among name, email and phone for which the settings have columns."""
    columns = visit.crm.settings.customer_columns
    return [name for name in _CONTACT_FIELDS if getattr(columns, name) is not None]


async def _create(visit: Visit) -> Response:
    await require_admin(visit)
    values = read_fields(visit, ("user_id", *_CONTACT_FIELDS))
    contact = {name: values[name].strip() or None for name in contact_fields(visit)}
    try:
        customer = await visit.crm.customers.create(values["user_id"].strip(), **contact)
    except (BadRequestError, ConflictError, UserNotFoundError) as error:
        fields = Fields(values, {"user_id": str(error)})
        return await _list_page(visit, fields, status=422)
    return visit.go(f"/customers/{customer.id}", notice="created")


async def require_admin(visit: Visit) -> None:
    """Hide a page from everyone except admins, who are verified in Appwrite if the settings say so.

    Raises:
        HTTPException: The person is not an admin.
        InteractionsError: Appwrite does not confirm it.
    """
    if not visit.person.is_admin:
        raise HTTPException(404, "Not Found")
    await visit.verify()


ROUTES = (
    PageRoute("GET", "/customers", _show_list),
    PageRoute("POST", "/customers", _create),
)
