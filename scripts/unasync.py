"""Generate the synchronous version of the library, and of its tests, from the asynchronous one.

    python scripts/unasync.py            writes `_sync` from `_async`
    python scripts/unasync.py --check    writes nothing; fails if a file is stale

The rules below replace words everywhere: docstrings, comments and examples follow the same rules as
code, so that both versions are documented correctly. The package `unasync` changes only code,
leaves docstrings asynchronous, turns `AsyncClient` into `SyncClient`, and has had no release since
2024.

Examples in the docstrings of `_async` use `await` as `python -m asyncio` accepts it. The tests run
their synchronous versions.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOLDERS = {
    "src/interactions_sdk/_async": "src/interactions_sdk/_sync",
    "tests/_async": "tests/_sync",
}
"""The hand-written folders, and the generated ones."""

WORDS = {
    # the language and the standard library
    "AbstractAsyncContextManager": "AbstractContextManager",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "aclosing": "closing",
    "aiter": "iter",
    "anext": "next",
    "asynccontextmanager": "contextmanager",
    "enter_async_context": "enter_context",
    "push_async_callback": "callback",
    "push_async_exit": "push",
    # httpx and websockets
    "AsyncByteStream": "SyncByteStream",
    "aiter_bytes": "iter_bytes",
    "aiter_lines": "iter_lines",
    "aiter_raw": "iter_raw",
    "aiter_text": "iter_text",
    "aread": "read",
    "handle_async_request": "handle_request",
    "websockets.asyncio": "websockets.sync",
    # this library: the pairs of interactions_sdk.concurrency, the folders, the fixtures
    "_async": "_sync",
    "amaybe_await": "maybe_await",
    "acrm": "crm",
    "adeadline": "deadline",
    "alimit_reads": "limit_reads",
    "aevent": "event",
    "alock": "lock",
    "agather": "gather",
    "amap_concurrent": "map_concurrent",
    "areceive": "receive",
    "PerEventLoop": "PerProcess",
    "ashielded": "shielded",
    "asleep": "sleep",
    "asemaphore": "semaphore",
    # words in docstrings
    "Async": "Sync",
    "Asynchronous": "Synchronous",
    "Asynchronously": "Synchronously",
    "async": "sync",
    "asynchronous": "synchronous",
    "asynchronously": "synchronously",
}
"""Whole words and their replacements."""

PATTERNS: Sequence[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = (
    # an asynchronous client -> a synchronous client, but: an AsyncInteractionsClient
    (re.compile(r"\b([Aa])n(?= `*[Aa]sync(?![AEIOU]))"), r"\1"),
    (re.compile(r"^ *(?:pytestmark = |@)pytest\.mark\.anyio\n", re.MULTILINE), ""),
    (re.compile(r"^ *@pending_page\n", re.MULTILINE), ""),
    (re.compile(r"\basync +(?=(?:def|for|with)\b)"), ""),
    (re.compile(r"\bawait +(?=\S)"), ""),
    (
        re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, WORDS))})(?!\w)"),
        lambda word: WORDS[word[0]],
    ),
    (re.compile(r"\b(_*)Async(?=[A-Z])"), r"\1"),
)
"""Patterns and their replacements, applied to the whole text one after another."""

WRAPPER = re.compile(r"\b(?:Awaitable|Coroutine)\[")
"""Types that are replaced by their last argument."""

TIDYING = "I,F401,TC005"
"""Ruff's rules that clean up after the replacements: the order of imports, and unused ones."""

FIRST_PARTY = 'lint.isort.known-first-party=["interactions_sdk", "tests"]'
"""The project's own packages, which ruff cannot know in a temporary folder."""

HEADER = "# Generated from {source} by scripts/unasync.py; do not edit.\n"


def to_sync(text: str) -> str:
    """Convert asynchronous Python to synchronous Python, without formatting it.

    Example:
        >>> to_sync("async def first(rows: AsyncIterator[T]) -> T: return await anext(rows)")
        'def first(rows: Iterator[T]) -> T: return next(rows)'
    """
    text = _unwrap(text)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _unwrap(text: str) -> str:
    while wrapper := WRAPPER.search(text):
        last, end = _last_argument(text, wrapper.end())
        text = text[: wrapper.start()] + last + text[end:]
    return text


def _last_argument(text: str, begin: int) -> tuple[str, int]:
    """Return the last argument of the subscript that starts at `begin`, and the subscript's end."""
    depth = 0
    last = begin
    for place in range(begin, len(text)):
        character = text[place]
        if character == "]" and depth == 0:
            return text[last:place].strip().removesuffix(","), place + 1
        if character == "," and depth == 0 and text[place + 1 :].lstrip()[:1] != "]":
            last = place + 1
        depth += {"[": 1, "]": -1}.get(character, 0)
    message = f"a bracket is never closed: {text[begin : begin + 60]!r}"
    raise ValueError(message)


def twins(root: Path) -> dict[Path, str]:
    """Return every generated file, relative to the project's folder, with its content.

    All files are formatted together, because starting ruff takes longer than its work.

    Args:
        root: The project's folder, whose ruff settings apply.

    Raises:
        SystemExit: Ruff cannot read the generated code.
    """
    sources = {
        source.relative_to(root): Path(generated) / source.relative_to(root / written)
        for written, generated in FOLDERS.items()
        for source in sorted((root / written).rglob("*.py"))
    }
    with TemporaryDirectory() as folder:
        # Files have the names of the sources, since the settings exempt the generated folders.
        for source in sources:
            text = HEADER.format(source=source.as_posix())
            text += to_sync((root / source).read_text(encoding="utf-8"))
            _write(Path(folder, source), text)
        _ruff(root, folder, "check", "--select", TIDYING, "--fix-only", "--config", FIRST_PARTY)
        _ruff(root, folder, "format")
        return {
            twin: Path(folder, source).read_text(encoding="utf-8")
            for source, twin in sources.items()
        }


def _ruff(root: Path, folder: str, *command: str) -> None:
    ran = subprocess.run(  # noqa: S603 - our own ruff, our own arguments
        [
            *(sys.executable, "-m", "ruff", *command, "--no-cache"),
            *("--config", str(root / "pyproject.toml"), "."),
        ],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode:
        raise SystemExit(f"ruff {command[0]} failed.\n{ran.stdout}{ran.stderr}")


def leftovers(root: Path, expected: dict[Path, str]) -> list[Path]:
    """Return the files in generated folders that are no longer generated."""
    present = (
        path.relative_to(root)
        for generated in FOLDERS.values()
        for path in sorted((root / generated).rglob("*.py"))
    )
    return [path for path in present if path not in expected]


def check(root: Path) -> list[str]:
    """Return the files that differ from what would be generated, each with its reason."""
    expected = twins(root)
    faults = [f"leftover: {path}" for path in leftovers(root, expected)]
    for path, text in expected.items():
        if not (root / path).exists():
            faults.append(f"missing: {path}")
        elif (root / path).read_text(encoding="utf-8") != text:
            faults.append(f"stale: {path}")
    return faults


def write(root: Path) -> list[Path]:
    """Write the files that differ, delete leftovers, and return the files concerned.

    Raises:
        SystemExit: A leftover was not generated, so it is not deleted.
    """
    expected = twins(root)
    superfluous = leftovers(root, expected)
    for path in superfluous:
        if HEADER.partition("{")[0] not in (root / path).read_text(encoding="utf-8"):
            raise SystemExit(f"{path} was written by hand; only generated files belong there.")
    for path in superfluous:
        (root / path).unlink()
    return superfluous + [path for path, text in expected.items() if _write(root / path, text)]


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    given = parser.parse_args(arguments)
    if not given.check:
        for path in write(given.root):
            print(f"changed: {path}")
        return 0
    faults = check(given.root)
    for fault in faults:
        print(fault)
    if faults:
        print("Run `make unasync`.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
