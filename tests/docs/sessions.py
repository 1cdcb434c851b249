"""Running the blocks of a page from top to bottom, in a separate folder."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tokenize
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, TextIO

from appwrite.services.users import Users

from interactions_sdk import InteractionsClient
from interactions_sdk.embedded import EmbeddedAppwrite
from tests.processes import Program
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from types import CodeType

    from tests.docs.blocks import Block

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "docs", ROOT / "examples")
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *(page for each in FOLDERS for page in each.rglob("*.md")))
    if not {"_build", "_generated"} & set(page.parts)
)
"""Every page, except generated ones."""

DATA = {"csv", "dockerfile", "ini", "json", "text", "toml", "yaml"}
"""Languages of blocks that are not code."""

NOT_RUN = {
    ".venv/bin/pytest": "needs the repository",
    "bash": "runs all the tests",
    "git": "changes the repository",
    "make": "creates an environment; CI runs the targets",
    "pip": "needs the network",
    "python3": "creates an environment",
    "uvicorn": "serves until it is stopped",
}
"""Commands that are not run, with reasons."""

ADMIN_LABEL = "superadmin"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class MismatchError(AssertionError):
    """The output differs from what the page shows."""

    def __init__(self, line: int, expected: str, printed: str) -> None:
        super().__init__(f"line {line} shows:\n{expected}\nbut this is printed:\n{printed}")


def compare(line: int, expected: str, printed: str) -> None:
    """Raise `MismatchError` if the output differs from what the page shows."""
    if not doctest.OutputChecker().check_output(f"{expected.rstrip()}\n", printed, FLAGS):
        raise MismatchError(line, expected, printed)


class Session:
    """Runs the blocks of one page.

    Args:
        page: The page's file, for tracebacks.
        folder: An empty folder in which everything runs. It gets a copy of `examples` if a command
            needs it.
    """

    def __init__(self, page: Path, folder: Path) -> None:
        self._page = page
        self._folder = folder
        self._directory = folder
        module = ModuleType("__page__")  # known by its name, as pydantic's generic models need it
        self._names: dict[str, Any] = module.__dict__
        self._names["print"] = self._print
        self._printed: dict[int, list[str]] = defaultdict(list)
        self._runner = asyncio.Runner()
        self._open = contextlib.ExitStack()
        self._open.callback(self._runner.close)
        sys.modules[module.__name__] = module
        self._open.callback(sys.modules.pop, module.__name__)
        self._output = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def do(self, block: Block) -> None:
        """Run a block.

        Raises:
            MismatchError: The output differs from what the page shows.
            ValueError: This kind of block is unknown.
        """
        if not block.is_run or block.language.startswith("{"):
            self._output = ""
        elif block.file:
            (self._folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            self._output = self._run_python(block)
        elif block.language == "console":
            self._run_commands(block)
        elif block.language not in DATA:
            raise ValueError(f"line {block.line}: what is to be done with {block.language!r}?")
        elif block.language == "text" and block.follows and self._output:
            compare(block.line, block.text, self._output)
            self._output = ""

    def _run_python(self, block: Block) -> str:
        source = "\n" * (block.line - 1) + block.text
        code: CodeType = compile(
            source, str(self._page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
        self._printed.clear()
        with contextlib.redirect_stdout(io.StringIO()) as output:
            running = eval(code, self._names)  # noqa: S307 - our own pages
            if inspect.iscoroutine(running):
                self._runner.run(running)
        for line, expected in announced(source).items():
            compare(line, expected, "".join(self._printed[line]))
        return output.getvalue()

    def _print(self, *values: object, file: TextIO | None = None, **how: Any) -> None:
        """Print, and remember the line that did."""
        with io.StringIO() as text:
            print(*values, file=text, **how)
            caller = sys._getframe(1)
            if file is None and caller.f_code.co_filename == str(self._page):
                self._printed[caller.f_lineno].append(text.getvalue())
            (file or sys.stdout).write(text.getvalue())

    def _run_commands(self, block: Block) -> None:
        for line, command, expected in commands_of(block):
            programs = [part.split()[0] for part in command.split("&&") if part.strip()]
            if command == "python" or not NOT_RUN.keys().isdisjoint(programs):
                continue
            if programs[0] == "export" and "APPWRITE_ENDPOINT" in command:
                os.environ.update(self._own_server())
            elif command.startswith("interactions serve"):
                os.environ.update(self._serve(command, line, expected))
            else:
                printed = self._run_command(command, line)
                if expected:
                    compare(line, expected, printed)

    def _run_command(self, command: str, line: int) -> str:
        if "examples" in command and not (self._folder / "examples").exists():
            hidden = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(ROOT / "examples", self._folder / "examples", ignore=hidden)
        state = self._folder / ".environment"
        ended = subprocess.run(  # noqa: S603 - our own pages
            [
                *("bash", "-e", "-c"),
                f"{command}\n{{ env -0; printf 'PWD=%s\\0' \"$PWD\"; }} > {state}",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._directory,
            timeout=LIMIT,
        )
        if ended.returncode:
            raise AssertionError(f"line {line}: {command}\n{ended.stdout}{ended.stderr}")
        after = dict(each.split("=", 1) for each in state.read_text().split("\0") if each)
        self._directory = Path(after.pop("PWD"))
        os.environ.update(after)
        return ended.stdout

    def _own_server(self) -> dict[str, str]:
        """Start a server that replaces the reader's: without tables, but with some users."""
        server = self._open.enter_context(EmbeddedAppwrite())
        running = self._open.enter_context(server.serve())
        with InteractionsClient(running.endpoint, server.project, api_key=server.api_key) as crm:
            users = Users(crm.appwrite)
            for user_id in ("ada", "bob", "root"):
                users.create(user_id)
            users.update_labels("root", [ADMIN_LABEL])
        return {
            "APPWRITE_ENDPOINT": running.endpoint,
            "APPWRITE_PROJECT_ID": server.project,
            "APPWRITE_API_KEY": server.api_key,
        }

    def _serve(self, command: str, line: int, expected: str) -> dict[str, str]:
        """Start `interactions serve` on a free port, and set the variables that it prints."""
        program = self._open.enter_context(
            Program("bash", "-c", f"exec {command} --port 0", cwd=self._directory)
        )
        self._open.callback(program.exit_code)
        self._open.callback(program.send_signal, signal.SIGTERM)
        said = program.read_until("Ctrl-C")
        if expected:
            port = re.compile(r"127\.0\.0\.1:\d+")
            compare(line, port.sub("127.0.0.1:0", expected), port.sub("127.0.0.1:0", said))
        return dict(re.findall(r"(\w+)=(\S+)", said))


def commands_of(block: Block) -> list[tuple[int, str, str]]:
    """Return the commands of a console block: the line, the command, and the output shown below."""
    found: list[tuple[int, str, str]] = []
    is_continued = False
    for number, text in enumerate(block.text.splitlines(), start=block.line):
        if text.startswith("$ "):
            found.append((number, text.removeprefix("$ "), ""))
        elif not found:
            raise ValueError(f"line {number}: a console block begins with a command, behind `$ `")
        else:
            line, command, shown = found.pop()
            if is_continued:
                found.append((line, f"{command.removesuffix(chr(92))} {text.strip()}", ""))
            else:
                found.append((line, command, f"{shown}{text}\n"))
        is_continued = found[-1][1].endswith("\\") and not found[-1][2]
    return [(line, re.sub(r"\s+# .*$", "", command), shown) for line, command, shown in found]


def announced(source: str) -> dict[int, str]:
    """Return the outputs in comments after calls of `print`, by the call's line."""
    comments = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    return {
        node.lineno: comments[node.end_lineno]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and node.end_lineno in comments
    }
