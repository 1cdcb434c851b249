"""A command that waits for an unavailable server, in a real process."""

from __future__ import annotations

import signal
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from tests.processes import CLI, Program, environment
from tests.waiting import LIMIT, wait_until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_the_waiting(folder: Path) -> None:
    """The wait is shown without being asked for, and Ctrl-C ends it."""
    (folder / "calls.csv").write_text("interaction_type\ncall\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    variables = environment() | {
        "APPWRITE_ENDPOINT": f"http://127.0.0.1:{port}/v1",
        "APPWRITE_PROJECT_ID": "crm",
        "APPWRITE_API_KEY": "standard_c0ffee",
        "INTERACTIONS_WAIT": str(LIMIT * 10),
    }
    with Program(*CLI, "import", "calls.csv", "--user", "ada", env=variables) as program:
        wait_until(lambda: "is not available" in program.errors or not program.is_running)
        program.send_signal(signal.SIGINT)
        assert 130 == program.exit_code(), program.errors
    assert "next attempt in" in program.errors
    assert "Traceback" not in program.errors
