"""Check pages, docstrings and comments against `scripts/words.txt`.

    python scripts/check_words.py            every file below
    python scripts/check_words.py FILE ...   only these files, for pre-commit

Code blocks and inline code are not checked, and neither are generated files.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
WORDS = ROOT / "scripts" / "words.txt"
FOLDERS = ("docs", "src", "examples", "benchmarks", "scripts", "tests")
GENERATED = {"_sync", "_build", "_generated"}

_FENCE = re.compile(r"^ *(```|~~~)")
_INLINE_CODE = re.compile(r"`[^`]*`|https?://\S+|\]\([^)]*\)")
_DOCTEST = re.compile(r"^ *(>>>|\.\.\.) ")


@dataclass(frozen=True)
class Rule:
    """A pattern to avoid, and what to write instead."""

    pattern: re.Pattern[str]
    replacement: str


def read_rules(text: str) -> list[Rule]:
    """Return the rules of a word list.

    Raises:
        ValueError: A line has no ` -> `.
    """
    rules = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, arrow, replacement = line.partition(" -> ")
        if not arrow:
            raise ValueError(f"{WORDS.name}:{number}: expected `pattern -> replacement`")
        rules.append(Rule(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), replacement))
    return rules


def markdown_prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a page that are not in a code block, with their numbers."""
    in_block = False
    for number, line in enumerate(text.splitlines(), start=1):
        if _FENCE.match(line):
            in_block = not in_block
        elif not in_block:
            yield number, line


def python_prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of docstrings and comments, with their numbers."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    lines = source.splitlines()
    for node in _docstrings(ast.parse(source)):
        end = node.end_lineno or node.lineno
        for number, line in markdown_prose("\n".join(lines[node.lineno - 1 : end])):
            if not _DOCTEST.match(line):
                yield node.lineno + number - 1, line


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield string statements: docstrings, also those below an assignment."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value


def check(path: Path, rules: Iterable[Rule]) -> Iterator[str]:
    """Yield a line for each match in a file."""
    text = path.read_text(encoding="utf-8")
    rules = [rule for rule in rules if rule.pattern.search(text)]
    if not rules:  # parsing a file takes much longer than searching it
        return
    prose = python_prose(text) if path.suffix == ".py" else markdown_prose(text)
    for number, line in prose:
        words = _INLINE_CODE.sub("``", line)
        for rule in rules:
            if found := rule.pattern.search(words):
                place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
                yield f"{place}:{number}: {found[0]!r}: write {rule.replacement}"


def files() -> list[Path]:
    """Return the files that are checked."""
    found = [path for path in ROOT.glob("*.md") if path.name != "THIRD_PARTY_NOTICES.md"]
    for folder in FOLDERS:
        for suffix in ("*.md", "*.py"):
            found += (ROOT / folder).rglob(suffix)
    return sorted(path for path in found if GENERATED.isdisjoint(path.parts))


def main(arguments: list[str]) -> int:
    """Print all matches; return 1 if there are any."""
    rules = read_rules(WORDS.read_text(encoding="utf-8"))
    paths = [Path(argument).resolve() for argument in arguments] or files()
    problems = [problem for path in paths for problem in check(path, rules)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
