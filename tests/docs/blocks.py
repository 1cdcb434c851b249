"""The fenced blocks of a page.

The kind of a block determines how it is tested:

```text
python                      runs; the blocks of a page share their names, from top to bottom
python, with a file's name  is written to that file, for a command of the page to run
text                        directly after a python block: the output of that block
text, with a file's name    is written to that file
console                     its commands run, and print what is shown below them
:class: not-run             is skipped; the caption gives readers the reason
```

The name of a file is the caption of a `{code-block}`. `print(...)  # this` prints `this`. A `...`
matches anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE = re.compile(r"^( *)(`{3,})(.*)$")
OPTION = re.compile(r"^:(\w+): *(.*)$")
FILE_NAME = re.compile(r"^[\w./-]+\.\w+$")
NOT_RUN = "not-run"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        language: Its language, or the name of its directive in braces.
        text: Its content, without its options.
        line: The line of the page where the content begins, from 1.
        follows: Whether only blank lines are between it and the previous block.
    """

    language: str
    text: str
    line: int
    follows: bool = False
    options: dict[str, str] = field(default_factory=dict)

    @property
    def caption(self) -> str:
        """The caption of the block."""
        return self.options.get("caption", "")

    @property
    def file(self) -> str | None:
        """The name of the file that the block contains."""
        return self.caption if FILE_NAME.match(self.caption) else None

    @property
    def is_run(self) -> bool:
        """Whether the block is run."""
        return NOT_RUN not in self.options.get("class", "").split()


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page, from top to bottom.

    Raises:
        ValueError: A block does not end, contains another one, or is not run and has no reason.
    """
    found = list(_blocks_of(page.splitlines()))
    for block in found:
        if not block.is_run and len(block.caption.split()) <= 1:
            raise ValueError(f"line {block.line}: left out, and no caption says why")
    return found


def _blocks_of(lines: list[str]) -> Iterator[Block]:
    end = None  # the line after the previous block
    at = 0
    while at < len(lines):
        opening = FENCE.match(lines[at])
        if opening is None:
            at += 1
            continue
        indent, fence, info = opening.groups()
        if len(fence) > 3:
            raise ValueError(f"line {at + 1}: a fence of more than three may hide a block")
        begin = at + 1
        at = next((i for i in range(begin, len(lines)) if lines[i] == indent + fence), len(lines))
        if at == len(lines):
            raise ValueError(f"line {begin}: this block does not end")
        follows = end is not None and not any(map(str.strip, lines[end : begin - 1]))
        yield _block(
            info.strip(), [each[len(indent) :] for each in lines[begin:at]], begin, follows
        )
        at = end = at + 1


def _block(info: str, inside: list[str], begin: int, follows: bool) -> Block:  # noqa: FBT001 - ours
    language = info.removeprefix("{code-block}").strip() or info
    options: dict[str, str] = {}
    if info.startswith("{"):
        while inside and (option := OPTION.match(inside[0])):
            options[option[1]] = option[2]
            del inside[0]
            begin += 1
        while inside and not inside[0].strip():
            del inside[0]
            begin += 1
    text = "".join(f"{line}\n" for line in inside)
    return Block(language, text, begin + 1, follows, options)
