"""Run the benchmarks that need no server, and print what they measure."""

from __future__ import annotations

import import_time
import requests_per_operation

PARTS = {
    "Import": import_time.main,
    "Requests per operation": requests_per_operation.main,
}


def main() -> None:
    """Run all of them."""
    for name, part in PARTS.items():
        print(f"## {name}\n")
        part()
        print()


if __name__ == "__main__":
    main()
