"""Interactions as a Polars dataframe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import polars as pl

from interactions_sdk.reports.progress import progress_callback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["SCHEMA", "frame"]

_TIME = pl.Datetime("ms", "UTC")

_FROM_MODEL: dict[str, pl.DataType] = {
    "id": pl.String(),
    "created_at": _TIME,
    "updated_at": _TIME,
    "permissions": pl.List(pl.String()),
    "customer_id": pl.String(),
    "interaction_type": pl.String(),
    "subject": pl.String(),
    "description": pl.String(),
    "user_id": pl.String(),
    "contact_method": pl.String(),
    "direction": pl.String(),
    "duration": pl.Int64(),
    "outcome": pl.String(),
    "next_action": pl.String(),
    "next_action_date": _TIME,
    "related_entity_type": pl.String(),
    "related_entity_id": pl.String(),
    "created_by": pl.String(),
}

_FROM_METADATA: dict[str, pl.DataType] = {
    "metadata": pl.String(),
    "follow_up_completed_at": _TIME,
    "follow_up_first_due_at": _TIME,
    "follow_up_snoozes": pl.Int64(),
}

SCHEMA = pl.Schema(_FROM_MODEL | _FROM_METADATA)
"""The columns of a frame, in order: the model's, then the metadata's JSON text and what it says of
the follow-up. Times are UTC to the millisecond, enum values plain text."""

_CHUNK = 10_000
"""Number of interactions that are models at the same time, about 30 MB."""

_PAGE = 100
"""Number of interactions after which the progress is updated."""

_INT64_MAX = 2**63 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def frame(
    interactions: Iterable[CustomerInteraction],
    *,
    progress: bool = False,
    total: int | None = None,
) -> pl.DataFrame:
    """Collect interactions into a Polars dataframe.

    They are read in chunks, so a million from `iterate` need only the memory of the dataframe
    itself and of 10,000 models.

    Args:
        interactions: Any iterable, such as `repo.iterate(since=...)`.
        progress: Whether to show how many have been read: below the cell in a notebook, on stderr
            in a terminal and in logs.
        total: The total number, if known (`repo.count(...)`), which makes the progress a bar.

    Returns:
        One row for each, in their order, with the columns of `reports.SCHEMA`: snake_case as in the
        model, times UTC to the millisecond, enum values as text, metadata as its JSON text.
        `follow_up_completed_at`, `follow_up_first_due_at` and `follow_up_snoozes` (times snoozed)
        come from the metadata's custom field `followUp`; they are null without it.

    Example:
        >>> from interactions_sdk.models.interaction import CustomerInteraction
        >>> call = CustomerInteraction.model_validate_json(
        ...     '{"$id": "1", "$createdAt": "2026-05-01T10:00:00.000+00:00",'
        ...     ' "$updatedAt": "2026-05-01T10:00:00.000+00:00", "customerId": "acme",'
        ...     ' "interactionType": "call", "userId": "ada", "duration": 12}'
        ... )
        >>> frame([call]).select("customer_id", "interaction_type", "duration").rows()
        [('acme', 'call', 12)]
    """
    with progress_callback(total, enabled=progress) as count:
        chunks = [pl.DataFrame(schema=SCHEMA), *_chunks(_counted(interactions, count))]
    return pl.concat(chunks, rechunk=False)


def _counted(
    interactions: Iterable[CustomerInteraction], count: Callable[[int], None]
) -> Iterator[CustomerInteraction]:
    number = 0
    for number, interaction in enumerate(interactions, 1):
        yield interaction
        if number % _PAGE == 0:
            count(number)
    count(number)


def _chunks(source: Iterator[CustomerInteraction]) -> Iterator[pl.DataFrame]:
    while chunk := list(islice(source, _CHUNK)):
        yield _frame_of(chunk)


def _frame_of(chunk: list[CustomerInteraction]) -> pl.DataFrame:
    of_model: dict[str, Sequence[Any]] = {
        name: list(map(attrgetter(name), chunk)) for name in _FROM_MODEL
    }
    of_metadata = zip(*map(_read_metadata, chunk), strict=True)
    columns: dict[str, Sequence[Any]] = of_model | dict(
        zip(_FROM_METADATA, of_metadata, strict=True)
    )
    times = {name: _times(name, columns[name]) for name, dtype in SCHEMA.items() if dtype == _TIME}
    shared = {"permissions": _shared_lists("permissions", of_model["permissions"])}
    return pl.DataFrame(columns | times | shared, schema=SCHEMA)


def _times(name: str, moments: Sequence[datetime | None]) -> pl.Series:
    """Build times from integer milliseconds: Polars takes ten times as long for datetimes."""
    since_1970 = [moment and (moment - _EPOCH) // _MILLISECOND for moment in moments]
    return pl.Series(name, since_1970, dtype=pl.Int64).cast(_TIME)


def _shared_lists(name: str, lists: Sequence[list[str]]) -> pl.Series:
    """Build each distinct list once, because Polars is slow with lists and many rows share them."""
    keys = [tuple(texts) for texts in lists]
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    different = pl.Series(name, list(map(list, place)), dtype=SCHEMA[name])
    return different.gather([place[key] for key in keys])


def _read_metadata(
    interaction: CustomerInteraction,
) -> tuple[str | None, datetime | None, datetime | None, int | None]:
    metadata = interaction.metadata
    if metadata is None:
        return None, None, None, None
    facts = metadata.custom_fields.get("followUp")
    if not isinstance(facts, dict):
        return metadata.to_wire(), None, None, None
    return (
        metadata.to_wire(),
        _parse_datetime(facts, "completedAt"),
        _parse_datetime(facts, "firstDueAt"),
        _parse_number(facts, "snoozes"),
    )


def _parse_datetime(facts: Mapping[str, Any], name: str) -> datetime | None:
    """Parse a time; anyone may write metadata, so an invalid time counts as missing."""
    try:
        moment = datetime.fromisoformat(facts[name])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _parse_number(facts: Mapping[str, Any], name: str) -> int | None:
    number = facts.get(name)
    fits = isinstance(number, int) and not isinstance(number, bool) and abs(number) <= _INT64_MAX
    return number if fits else None
