# Generated from src/interactions_sdk/_async/writing/doubt.py by scripts/unasync.py; do not edit.
"""What an error tells about the writes that came before it.

A request that fails says whether itself may have landed. An operation of several requests must say
whether any of it may have.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from interactions_sdk.errors import InteractionsError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["after_a_write"]


@contextmanager
def after_a_write(*, landed: bool = True) -> Generator[None]:
    """Let an error of the block say that something may have landed, if something has before it.

    Args:
        landed: Whether an earlier write has landed, or may have.
    """
    try:
        yield
    except InteractionsError as error:
        error.may_have_landed = error.may_have_landed or landed
        raise
