"""The time of imports, each in a new process, compared with the official package."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.results import Figure, Section

RUNS = 7
BARE = "import interactions_sdk"
CLIENT = "from interactions_sdk import InteractionsClient"
MADE = f"{CLIENT}; InteractionsClient('http://127.0.0.1/v1', 'p', api_key='k').as_user('ada')"
EMBEDDED = f"{CLIENT}; InteractionsClient.embedded()"
OFFICIAL = "from appwrite.services.tables_db import TablesDB"
FLOOR = "import pydantic, httpx"
FLOOR_USED = (
    "import pydantic, httpx; pydantic.create_model('M', a=(str, ...)); httpx.Client().close()"
)
STATEMENTS = (BARE, CLIENT, MADE, EMBEDDED, OFFICIAL, FLOOR, FLOOR_USED)


def seconds(statement: str, bytecode: str) -> float:
    """Return the CPU time of a statement in a new process, without that of starting Python.

    Args:
        statement: The statement.
        bytecode: A folder for compiled modules, which installed packages have.
    """
    code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    answer = subprocess.run(  # noqa: S603 - the statements are the ones above
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    )
    return float(answer.stdout)


def section() -> Section:
    """Run the benchmarks."""
    with TemporaryDirectory() as bytecode:
        for statement in STATEMENTS:
            seconds(statement, bytecode)
        rounds = [{each: seconds(each, bytecode) for each in STATEMENTS} for _ in range(RUNS)]

    def ratio(name: str, other: str) -> float:
        return median(each[name] / each[other] for each in rounds)

    return Section(
        "Import",
        "CPU time of each statement in a new process with compiled modules, without the start of "
        "the interpreter. Importing a client loads httpx but no models; the models are built when "
        "the first client is created, which the rows with a client include. They are compared "
        "with one hand-written model and one `httpx.Client`, because both load what their "
        "libraries load on first use, such as certificates.",
        [
            Figure(
                f"`{BARE}`, compared with the official `TablesDB`",
                ratio(BARE, OFFICIAL),
                at_most=0.5,
            ),
            Figure(f"`{BARE}`, compared with `{FLOOR}`", ratio(BARE, FLOOR), at_most=1.4),
            Figure(
                f"`{CLIENT}`, compared with the official `TablesDB`",
                ratio(CLIENT, OFFICIAL),
                at_most=0.5,
            ),
            Figure(f"`{CLIENT}`, compared with `{FLOOR}`", ratio(CLIENT, FLOOR), at_most=1.4),
            Figure(
                "the same and creating a client, compared with the official `TablesDB`",
                ratio(MADE, OFFICIAL),
            ),
            Figure(
                "the same, compared with one model and one client by hand", ratio(MADE, FLOOR_USED)
            ),
            Figure(
                "the same and `.embedded()`, compared with the official one",
                ratio(EMBEDDED, OFFICIAL),
            ),
        ],
    )
