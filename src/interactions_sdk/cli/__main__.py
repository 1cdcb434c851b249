"""`python -m interactions_sdk.cli`."""

from __future__ import annotations

from interactions_sdk.cli import main

main()
