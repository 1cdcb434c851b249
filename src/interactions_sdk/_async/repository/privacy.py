"""Exporting and erasing all data about a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from interactions_sdk._async.repository.base import AsyncRepositoryBase

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk._async.privacy import ErasureMode
    from interactions_sdk.transfer.results import ErasureResult

__all__ = ["AsyncCustomerPrivacy"]


class AsyncCustomerPrivacy(AsyncRepositoryBase):
    """Exporting and erasing all data about a customer."""

    async def export_customer(self, customer_id: str) -> dict[str, Any]:
        """Return all data about one customer, for a privacy request.

        Args:
            customer_id: The customer.

        Returns:
            A dictionary that `json.dumps` accepts: `customer`, the record with all its columns, or
            None if it was deleted; `interactions`, oldest first; `audit`, the audit log's rows
            about the customer and its interactions; `files`, the attached files with their content
            as `base64`. The names are Appwrite's.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            CustomerNotFoundError: Nothing is stored about this customer.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     found = await crm.as_admin("root").export_customer(customer.id)
            ...     print(found["interactions"][0]["subject"])
            Renewal
        """
        return await self._privacy.export_customer(customer_id)

    async def erase_customer(
        self,
        customer_id: str,
        mode: ErasureMode = "delete",
        *,
        archive: str | Path | None = None,
    ) -> ErasureResult:
        """Erase all data about one customer, for a privacy request.

        Attached files are found by the links in the rows, and deleted first. Up to 99 interactions
        are erased per transaction, with audit rows that say who did it and when. It ends when a
        pass finds no more interactions; after a failure, run it again.

        Args:
            customer_id: The customer.
            mode: `delete` deletes the interactions, and the customer record at the end. `redact`
                removes text and links (subject, description, next action, related entity, metadata)
                and keeps types, times, durations, outcomes and users for reports; the customer
                record, which belongs to your application, does not change.
            archive: A folder that `archive` wrote to, to erase the customer from its files as well.

        Returns:
            The result of this run. A file that could not be deleted is named in `files_left`; its
            interaction and the customer record are kept, and a second run erases them.
            `out_of_reach` lists places with data that cannot be erased here.

        Raises:
            PermissionDeniedError: The acting user is not an admin.
            ConflictError: Others keep writing to the customer.
            BadRequestError: `mode` is not `delete` or `redact`.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient
            >>> async with AsyncInteractionsClient.embedded() as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     call = await crm.as_user("ada").log_call("Renewal")
            ...     print(await crm.as_admin("root").erase_customer(customer.id))
            ErasureResult(interactions=1, archived=0, customer=True, files=0, files_left=())
        """
        return await self._privacy.erase_customer(customer_id, mode, archive)
