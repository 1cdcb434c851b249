"""`check_release` compares the versions of tag, package and change log."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scripts import check_release
from scripts.check_release import Versions, problems, read_versions

if TYPE_CHECKING:
    from pathlib import Path

RELEASED = Versions(project="1.2.3", package="1.2.3", changelog="1.2.3", date="2026-12-01")


def test_this_checkout_agrees() -> None:
    """`pyproject.toml`, `version.py` and the newest section of the change log agree."""
    assert [] == problems(read_versions())


def test_a_release_that_agrees_has_no_problems() -> None:
    """The tag is the version with the prefix `v`."""
    assert [] == problems(RELEASED, "v1.2.3")


@pytest.mark.parametrize(
    ("versions", "tag", "expected"),
    [
        (RELEASED, "v1.2.4", ["The tag is v1.2.4, and the version is 1.2.3."]),
        (RELEASED, "1.2.3", ["The tag is 1.2.3, and the version is 1.2.3."]),
        (
            replace(RELEASED, package="1.2.2"),
            None,
            ["version.py has 1.2.2, pyproject.toml has 1.2.3."],
        ),
        (replace(RELEASED, changelog="1.2.2"), None, ["CHANGELOG.md has 1.2.2, not 1.2.3."]),
        (replace(RELEASED, date="unreleased"), "v1.2.3", ["CHANGELOG.md has no date for 1.2.3."]),
    ],
)
def test_disagreement_is_reported(versions: Versions, tag: str | None, expected: list[str]) -> None:
    """Each problem is a sentence with both values."""
    assert expected == problems(versions, tag)


def test_an_unreleased_change_log_is_fine_before_the_release() -> None:
    """A date is required only for a tag."""
    assert [] == problems(replace(RELEASED, date="unreleased"))


def test_the_command_fails_for_a_wrong_tag(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 1, which stops the workflow."""
    assert 1 == check_release.main(["v0.0.0"])
    assert "The tag is v0.0.0" in capsys.readouterr().out


def test_a_change_log_without_a_version_is_an_error(tmp_path: Path) -> None:
    """The heading must have the form `## [VERSION] - DATE`."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.0"\n')
    (tmp_path / "src" / "interactions_sdk").mkdir(parents=True)
    (tmp_path / "src" / "interactions_sdk" / "version.py").write_text('__version__ = "1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n")

    with pytest.raises(ValueError, match="No version"):
        read_versions(tmp_path)
