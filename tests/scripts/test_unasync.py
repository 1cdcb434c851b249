"""`unasync` generates the synchronous version by replacing words."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scripts import unasync

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("written", "generated"),
    [
        ("async def f(): ...", "def f(): ..."),
        ("x = await f(await g(1))", "x = f(g(1))"),
        ("x = await (f())", "x = (f())"),
        ("async with a as b, c: ...", "with a as b, c: ..."),
        ("async for x in y: ...", "for x in y: ..."),
        ("[x async for x in y]", "[x for x in y]"),
        ("{k: await v async for k, v in y if await k}", "{k: v for k, v in y if k}"),
        ("total = sum([n async  for n in y])", "total = sum([n for n in y])"),
    ],
)
def test_the_keywords_are_removed(written: str, generated: str) -> None:
    """`async` and `await` are removed from functions, calls, blocks, loops and comprehensions."""
    assert generated == unasync.to_sync(written)


@pytest.mark.parametrize(
    ("written", "generated"),
    [
        ("AsyncInteractionsClient", "InteractionsClient"),
        ("_AsyncPages", "_Pages"),
        ("httpx.AsyncClient", "httpx.Client"),
        ("httpx.AsyncBaseTransport", "httpx.BaseTransport"),
        ("httpx.AsyncByteStream", "httpx.SyncByteStream"),
        ("handle_async_request", "handle_request"),
        ("AsyncIterator[X]", "Iterator[X]"),
        ("AsyncIterable[X]", "Iterable[X]"),
        ("AsyncGenerator[X, None]", "Generator[X, None]"),
        ("AsyncContextManager", "ContextManager"),
        ("AbstractAsyncContextManager", "AbstractContextManager"),
        ("asynccontextmanager", "contextmanager"),
        ("AsyncExitStack", "ExitStack"),
        ("stack.enter_async_context(x)", "stack.enter_context(x)"),
        ("def __aenter__(self)", "def __enter__(self)"),
        ("def __aexit__(self)", "def __exit__(self)"),
        ("def __aiter__(self)", "def __iter__(self)"),
        ("def __anext__(self)", "def __next__(self)"),
        ("raise StopAsyncIteration", "raise StopIteration"),
        ("anext(aiter(x))", "next(iter(x))"),
        ("client.aclose()", "client.close()"),
        ("response.aread()", "response.read()"),
        (
            "from interactions_sdk._async.paging import f",
            "from interactions_sdk._sync.paging import f",
        ),
        ("amap_concurrent(f, items, 4)", "map_concurrent(f, items, 4)"),
        ("asleep(1)", "sleep(1)"),
        ("def test(acrm: X)", "def test(crm: X)"),
        ("AsyncMock()", "Mock()"),
    ],
)
def test_names_change_to_their_twins(written: str, generated: str) -> None:
    """Names of Python, httpx and this library are replaced as whole words."""
    assert generated == unasync.to_sync(written)


@pytest.mark.parametrize(
    "text",
    ["awaits = 1", "asynchrony", "my_async_thing", "Asynchrony", "macrm", "is_async()", "MyAsync"],
)
def test_parts_of_words_stay(text: str) -> None:
    """A rule's word inside another word is not replaced."""
    assert text == unasync.to_sync(text)


@pytest.mark.parametrize(
    ("written", "generated"),
    [
        ("f: Awaitable[T]", "f: T"),
        ("f: 'Awaitable[T]'", "f: 'T'"),
        ("Callable[[], Awaitable[None]]", "Callable[[], None]"),
        ("Callable[[T], Awaitable[dict[str, list[R]]]]", "Callable[[T], dict[str, list[R]]]"),
        ("Awaitable[Awaitable[T]]", "T"),
        ("Awaitable[tuple[A, B]] | None", "tuple[A, B] | None"),
        ("Coroutine[Any, Any, T]", "T"),
        ("Coroutine[\n    Any,\n    Any,\n    list[T],\n]", "list[T]"),
    ],
)
def test_an_awaitable_is_what_it_gives(written: str, generated: str) -> None:
    """`Awaitable[T]` and `Coroutine[..., T]` become `T`, even with nested brackets."""
    assert generated == unasync.to_sync(written)


def test_a_bracket_that_never_closes_is_named() -> None:
    """The error contains the text, and there is no endless loop."""
    with pytest.raises(ValueError, match=r"never closed: 'T\[int\]'"):
        unasync.to_sync("Awaitable[T[int]")


def test_anyio_marks_are_removed() -> None:
    """Synchronous tests do not need anyio's mark; other marks stay."""
    written = dedent("""\
        pytestmark = pytest.mark.anyio
        @pytest.mark.slow
        @pytest.mark.anyio
        async def test_it(): ...
        """)
    assert "@pytest.mark.slow\ndef test_it(): ...\n" == unasync.to_sync(written)


@pytest.mark.parametrize(
    ("written", "generated"),
    [
        (
            '"""An asynchronous client, closed by `aclose`."""',
            '"""A synchronous client, closed by `close`."""',
        ),
        ('"""An `AsyncConnection` sends."""', '"""A `Connection` sends."""'),
        ('"""An AsyncInteractionsClient."""', '"""An InteractionsClient."""'),
        ("# an async twin", "# a sync twin"),
        ("    >>> async with AsyncX() as crm:", "    >>> with X() as crm:"),
        ("    ...     await crm.get('a')", "    ...     crm.get('a')"),
        ("    >>> async for row in crm.iterate(): ...", "    >>> for row in crm.iterate(): ..."),
    ],
)
def test_docstrings_comments_and_examples_follow(written: str, generated: str) -> None:
    """Words in docstrings, comments and examples are replaced like those in code."""
    assert generated == unasync.to_sync(written)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with our ruff settings and one asynchronous module."""
    settings = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    put(tmp_path, "src/interactions_sdk/_async/paging.py", MODULE)
    return tmp_path


def put(root: Path, path: str, text: str) -> None:
    """Write a file, and create its folders."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


MODULE = '''\
"""Pages."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from interactions_sdk._async.connection import AsyncConnection
from interactions_sdk.concurrency import asleep
from interactions_sdk.zones import zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator


@asynccontextmanager
async def pages(fetch: Callable[[AsyncConnection], Awaitable[int]]) -> AsyncIterator[Iterator[int]]:
    """Wait asynchronously."""
    await asleep(zone)
    yield iter([await fetch(AsyncConnection())])
'''

GENERATED = '''\
# Generated from src/interactions_sdk/_async/paging.py by scripts/unasync.py; do not edit.
"""Pages."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from interactions_sdk._sync.connection import Connection
from interactions_sdk.concurrency import sleep
from interactions_sdk.zones import zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def pages(fetch: Callable[[Connection], int]) -> Iterator[Iterator[int]]:
    """Wait synchronously."""
    sleep(zone)
    yield iter([fetch(Connection())])
'''


def test_a_generated_file_is_tidy_and_says_where_it_comes_from(project: Path) -> None:
    """Imports are sorted without duplicates and unused ones, and a header names the source."""
    unasync.main(["--root", str(project)])

    twin = project / "src/interactions_sdk/_sync/paging.py"
    assert GENERATED == twin.read_text(encoding="utf-8")


def test_tests_are_generated_too(project: Path) -> None:
    """`tests/_sync` is generated with its folders."""
    put(
        project,
        "tests/_async/deep/test_x.py",
        "import pytest\n\npytestmark = pytest.mark.anyio\n\nasync def test(acrm: X): await acrm\n",
    )

    unasync.main(["--root", str(project)])

    expected = (
        "# Generated from tests/_async/deep/test_x.py by scripts/unasync.py; do not edit.\n"
        "\n\ndef test(crm: X):\n    crm\n"
    )
    assert expected == (project / "tests/_sync/deep/test_x.py").read_text(encoding="utf-8")


def test_writing_again_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run changes nothing, and the check passes."""
    unasync.main(["--root", str(project)])
    assert "changed: src/interactions_sdk/_sync/paging.py\n" == capsys.readouterr().out

    assert 0 == unasync.main(["--root", str(project)])
    assert 0 == unasync.main(["--root", str(project), "--check"])
    assert "" == capsys.readouterr().out


def test_the_check_names_what_is_missing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file fails the check, which writes nothing."""
    assert 1 == unasync.main(["--root", str(project), "--check"])

    assert "missing: src/interactions_sdk/_sync/paging.py\n" in capsys.readouterr().out
    assert not (project / "src/interactions_sdk/_sync").exists()


@pytest.mark.parametrize(
    "changed", ["src/interactions_sdk/_async/paging.py", "src/interactions_sdk/_sync/paging.py"]
)
def test_the_check_names_what_is_stale(
    project: Path, capsys: pytest.CaptureFixture[str], changed: str
) -> None:
    """A change of either version fails the check."""
    unasync.main(["--root", str(project)])
    put(project, changed, (project / changed).read_text(encoding="utf-8") + "\nMORE = 1\n")

    assert 1 == unasync.main(["--root", str(project), "--check"])

    assert "stale: src/interactions_sdk/_sync/paging.py\n" in capsys.readouterr().out


def test_leftovers_are_named_and_then_deleted(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A generated file without a source fails the check, and is deleted by the next run."""
    unasync.main(["--root", str(project)])
    (project / "src/interactions_sdk/_async/paging.py").unlink()

    assert 1 == unasync.main(["--root", str(project), "--check"])
    assert "leftover: src/interactions_sdk/_sync/paging.py\n" in capsys.readouterr().out

    assert 0 == unasync.main(["--root", str(project)])
    assert not (project / "src/interactions_sdk/_sync/paging.py").exists()


def test_what_was_written_by_hand_is_not_deleted(project: Path) -> None:
    """A hand-written file in a generated folder is named and kept."""
    put(project, "src/interactions_sdk/_sync/mine.py", "MINE = 1\n")

    with pytest.raises(SystemExit, match=r"_sync/mine\.py was written by hand"):
        unasync.main(["--root", str(project)])

    assert (project / "src/interactions_sdk/_sync/mine.py").exists()


def test_a_file_that_is_not_python_is_named(project: Path) -> None:
    """Ruff's error is shown with the name of the source."""
    put(project, "src/interactions_sdk/_async/broken.py", "def (:\n")

    with pytest.raises(SystemExit, match=r"_async/broken\.py"):
        unasync.main(["--root", str(project)])
