"""Groups of commands that do something without a command."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

__all__ = ["LIST", "DefaultListGroup"]

LIST = "list"


class DefaultListGroup(TyperGroup):
    """Runs `list` if no command is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer's or Click's
        """Put `list` in front of options that are not the group's own."""
        is_named = bool(args) and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
        if not is_named and not ctx.resilient_parsing:  # a shell that completes sees all commands
            args = [LIST, *args]
        return super().parse_args(ctx, args)
