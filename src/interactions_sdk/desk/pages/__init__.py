"""The pages, one file per subject."""

from interactions_sdk.desk.pages import (
    account,
    attachments,
    audit,
    customer_list,
    customers,
    events,
    follow_ups,
    interactions,
    reports,
)

__all__ = ["ROUTES"]

ROUTES = (
    *follow_ups.ROUTES,
    *customer_list.ROUTES,
    *customers.ROUTES,
    *interactions.ROUTES,
    *attachments.ROUTES,
    *reports.ROUTES,
    *audit.ROUTES,
    *events.ROUTES,
    *account.ROUTES,
)
