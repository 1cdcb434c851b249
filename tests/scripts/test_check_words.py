"""`check_words` checks pages, docstrings and comments, but no code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.check_words import WORDS, check, files, main, read_rules

if TYPE_CHECKING:
    from pathlib import Path

RULES = read_rules("bad weather -> failures\ntells? -> return\n")


def found(text: str, suffix: str, folder: Path) -> list[str]:
    """Return the problems in a file, without its path."""
    path = folder / f"file{suffix}"
    path.write_text(text, encoding="utf-8")
    return [problem.removeprefix(f"{path}:") for problem in check(path, RULES)]


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("# Title\n\nSimulate Bad Weather.\n", ".md"),
        ('"""One.\n\nBad weather.\n"""\n', ".py"),
        ("x = 1\n\n# bad weather\n", ".py"),
        ('x = 1\n\n"""It tells."""\n', ".py"),
    ],
)
def test_prose_is_checked(text: str, suffix: str, tmp_path: Path) -> None:
    """A problem names the line, the words and the replacement."""
    [problem] = found(text, suffix, tmp_path)

    assert problem.startswith("3: '")
    assert problem.endswith(("write failures", "write return"))


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("```text\nbad weather\n```\n", ".md"),
        ("The method `tell` and [a link](tells.md)\n", ".md"),
        ("bad = 'bad weather'\n", ".py"),
        ('def tell() -> None:\n    """Do it.\n\n    >>> tell()  # tells\n    """\n', ".py"),
        ("It is foretold.\n", ".md"),
    ],
)
def test_code_is_not_checked(text: str, suffix: str, tmp_path: Path) -> None:
    """Blocks, inline code, links, normal strings and parts of words are ignored."""
    assert [] == found(text, suffix, tmp_path)


def test_a_problem_fails_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the problem and returns 1."""
    page = tmp_path / "page.md"
    page.write_text("Bad weather.\n")

    assert 1 == main([str(page)])
    assert "page.md:1: 'Bad weather': write failures" in capsys.readouterr().out


def test_generated_files_are_left_out() -> None:
    """Only the sources of generated files are checked."""
    assert [] == [path for path in files() if {"_sync", "_build"} & set(path.parts)]


def test_a_line_without_a_replacement_is_an_error() -> None:
    """The error names the file and the line."""
    with pytest.raises(ValueError, match=rf"{WORDS.name}:2"):
        read_rules("a -> b\nc\n")
