"""The pages about files, archives, privacy and attachments run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
BLOCKS = {
    f"{name}-{number}": block
    for name in ("import-export", "archive", "privacy", "attachments")
    for number, block in enumerate(
        re.findall(
            r"^```python\n(.*?)^```",
            (PAGES / f"{name}.md").read_text(encoding="utf-8"),
            re.MULTILINE | re.DOTALL,
        ),
        start=1,
    )
}
SAYS = {
    "import-export-1": ["line 3: duration: 'long'", "1 imported, 1 rejected"],
    "import-export-2": ["1\n1\n1\n1\n"],
    "archive-1": ["archived=1, open_follow_ups=0", "Intro", "1\nTrue"],
    "privacy-1": ["Prefers email.", "interactions=1, archived=0, customer=True"],
    "attachments-1": ["b'Dear Ada'\n[]"],
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_runs(name: str) -> None:
    """What a stranger copies works, and prints what the page says."""
    ended = subprocess.run(  # noqa: S603 - our own pages
        [sys.executable, "-W", "error", "-c", BLOCKS[name]],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (ended.returncode, ended.stderr)
    assert all(text in ended.stdout for text in SAYS[name])
