"""Write the documentation's page of the routes of the embedded Appwrite.

    python scripts/generate_routes_page.py            writes docs/reference/embedded-routes.md
    python scripts/generate_routes_page.py --check    writes nothing; fails when the page is stale

The page is generated from the server's own table of routes.
"""

from __future__ import annotations

import argparse
import sys
from itertools import groupby
from pathlib import Path

from interactions_sdk.embedded.database.query_parser import UNSUPPORTED_METHODS
from interactions_sdk.embedded.routes import ROUTES, Route
from interactions_sdk.embedded.values.responses import VERSION

PAGE = Path("docs/reference/embedded-routes.md")

TITLES = {
    "tablesdb": "TablesDB",
    "users": "Users",
    "account": "Account",
    "teams": "Teams",
    "storage": "Storage",
}
"""The services, in the order of the page."""

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_UNSUPPORTED = ", ".join(f"`{method}`" for method in sorted(UNSUPPORTED_METHODS))

_INTRODUCTION = f"""\
<!-- Written by scripts/generate_routes_page.py; do not edit. -->

# Routes of the embedded Appwrite

`EmbeddedAppwrite` answers these routes as the recorded Appwrite {VERSION} does: status, body and
error message. Paths are below `/v1`.

An unsupported route answers 501 with the error type `general_not_implemented` and a message that
names the route. So does every route of a service that is not listed here.

The query methods {_UNSUPPORTED} answer 501 as well,
and so do indexes of the type `spatial`.

Over HTTP (`serve`) it also supports the websocket `/v1/realtime`, message by message as recorded.
It sends events about rows that are written through the same server: one for each row that a request
writes, and one for each single-row operation of a committed transaction. Other channels send no
events. `upsert` and requests that delete many rows are not in the recording; their events follow
Appwrite's source.

A known difference: if one text is a prefix of another that continues with a control character (a
line break or a tab), MariaDB orders the longer one first and this server the shorter one.
"""


def page() -> str:
    """Return the page, as MyST Markdown."""
    unknown = {route.parts[0] for route in ROUTES} - TITLES.keys()
    if unknown:
        message = f"TITLES has no title for {', '.join(sorted(unknown))}."
        raise LookupError(message)
    covered = sum(route.handler is not None for route in ROUTES)
    summary = f"{covered} of the {len(ROUTES)} routes of these services are covered.\n"
    by_service = sorted(ROUTES, key=_place)
    sections = [
        _section(TITLES[service], list(routes))
        for service, routes in groupby(by_service, key=lambda route: route.parts[0])
    ]
    return "\n".join((_INTRODUCTION, summary, *sections))


def _place(route: Route) -> tuple[int, str, int]:
    return list(TITLES).index(route.parts[0]), route.path, _METHODS.index(route.method)


def _section(title: str, routes: list[Route]) -> str:
    covered = sum(route.handler is not None for route in routes)
    lines = [
        f"## {title}: {covered} of {len(routes)}",
        "",
        "| Method | Path | Covered |",
        "| --- | --- | --- |",
        *(
            f"| {route.method} | `{route.path}` | {'yes' if route.handler else 'no'} |"
            for route in routes
        ),
        "",
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    given = parser.parse_args(arguments)
    path: Path = given.root / PAGE
    fresh = path.exists() and path.read_text(encoding="utf-8") == page()
    if fresh:
        return 0
    if given.check:
        print(f"stale: {PAGE}\nRun `python scripts/generate_routes_page.py`.")
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8")
    print(f"changed: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
