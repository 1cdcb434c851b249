"""Run the benchmarks and print what they measure: `make bench`, `make bench-live`."""

from __future__ import annotations

import argparse

from benchmarks import embedded, import_time, reading, requests_per_operation, writing

PARTS = {
    "Import": import_time.main,
    "Requests per operation": requests_per_operation.main,
    "Reading": reading.main,
    "Embedded server": embedded.main,
    "Writing, on the embedded server over HTTP": writing.main,
}


def main() -> None:
    """Run all that need no server, or with --live those that measure one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--live", action="store_true", help="measure the server that APPWRITE_* name"
    )
    if parser.parse_args().live:
        writing.main(live=True)
        return
    for name, part in PARTS.items():
        print(f"## {name}\n")
        part()
        print()


if __name__ == "__main__":
    main()
