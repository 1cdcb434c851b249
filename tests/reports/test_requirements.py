"""Without the extra `reports`, an error says what to install."""

from __future__ import annotations

import subprocess
import sys

from tests.waiting import LIMIT


def test_a_missing_package_is_told_with_its_extra() -> None:
    """A `ConfigurationError` names the extra."""
    code = (
        "import sys, importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, package=None: None if name == 'polars' else found(name)\n"
        "from interactions_sdk import ConfigurationError\n"
        "try:\n"
        "    import interactions_sdk.reports\n"
        "except ConfigurationError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    assert "with the extra `reports`" in ran.stdout
