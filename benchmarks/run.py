"""Run the benchmarks and print the results: `make bench`, `make bench-live`.

python -m benchmarks.run                           two minutes; needs no server
python -m benchmarks.run --rows 1000000            with a table of a million rows; four minutes
python -m benchmarks.run --live                    the server that APPWRITE_* name, and its goals
python -m benchmarks.run --markdown FILE           also writes a page
"""

from __future__ import annotations

import argparse
import os
import platform
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    archiving,
    concurrency,
    desk,
    embedded,
    import_time,
    reading,
    requests_per_operation,
    scale,
    single_calls,
    writing,
)
from benchmarks.results import as_markdown, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.results import Section

ROWS = 100_000
HEAD = """# Performance

The cost of operations, compared with code that you would write by hand. All numbers on this page
come from one run of

```console
$ {command}
```

on {where}. Each figure is a ratio or the median of several rounds; the alternatives are interleaved
so that background load affects all of them equally. On other machines the ratios are similar, the
times are not. Tests count what could get worse: the modules loaded by an import
(`tests/packaging/test_loading.py`), the bytes of a request
(`tests/_async/connection/test_pool.py`), the requests of an operation and the validations of a page
(`tests/_async/test_request_counts.py`), and the requests in flight
(`tests/unit/test_concurrency.py`).
"""


def page(sections: Sequence[Section], command: str) -> str:
    """Write the page of results."""
    packages = ", ".join(f"{each} {version(each)}" for each in ("appwrite", "httpx", "pydantic"))
    where = (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} processors, with {packages}"
    )
    return "\n".join([HEAD.format(command=command, where=where), *map(as_markdown, sections)])


def main() -> None:
    """Run all benchmarks that need no server, or with `--live` those of a server."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--live", action="store_true", help="measure the server that APPWRITE_* name"
    )
    parser.add_argument(
        "--rows", type=int, default=ROWS, help=f"rows of the largest table, {ROWS:,} if not given"
    )
    parser.add_argument("--markdown", type=Path, help="a page to write as well")
    options = parser.parse_args()
    parts: list[Callable[[], Section]] = [
        partial(writing.section, live=True),
        archiving.section,
        single_calls.section,
    ]
    if not options.live:
        parts = [
            import_time.section,
            requests_per_operation.section,
            reading.section,
            writing.section,
            concurrency.section,
            partial(scale.section, options.rows),
            partial(embedded.section, options.rows),
            desk.section,
        ]
    sections: list[Section] = []
    for part in parts:
        sections.append(part())
        print(as_text(sections[-1]), flush=True)
    if options.markdown is not None:
        options.markdown.write_text(page(sections, _command(options)), "utf-8")


def _command(options: argparse.Namespace) -> str:
    """Return the command that readers of the page can run."""
    if options.live:
        return "make bench-live"
    return "make bench" if options.rows == ROWS else f"make bench ROWS={options.rows}"


if __name__ == "__main__":
    main()
