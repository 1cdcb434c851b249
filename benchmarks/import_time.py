"""How long imports take, each in a new process, beside the official package."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

RUNS = 9
OURS = "from interactions_sdk import InteractionsClient"
OFFICIAL = "from appwrite.services.tables_db import TablesDB"
FLOOR = "import pydantic, httpx; pydantic.BaseModel"


def seconds(statement: str) -> float:
    """Return how long a statement takes in a new process, without the interpreter's start."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    answer = subprocess.run(  # noqa: S603 - the statements are the ones above
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return float(answer.stdout)


def main() -> None:
    """Print the medians and the two ratios."""
    rounds = [[seconds(statement) for statement in (OURS, OFFICIAL, FLOOR)] for _ in range(RUNS)]
    ours, official, floor = (median(column) for column in zip(*rounds, strict=True))
    print(f"{OURS}: {ours * 1000:.0f} ms")
    print(
        f"{OFFICIAL}: {official * 1000:.0f} ms; ours takes {ours / official:.2f} of it (goal 0.5)"
    )
    print(f"{FLOOR}: {floor * 1000:.0f} ms; ours takes {ours / floor:.2f} of it (goal 1.4)")


if __name__ == "__main__":
    main()
