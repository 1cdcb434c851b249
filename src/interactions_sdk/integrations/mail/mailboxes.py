"""The messages of a path: an `.eml` file, an mbox file, a Maildir, or a folder of such files."""

from __future__ import annotations

import mailbox
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from interactions_sdk.integrations.mail.parsing import LineReader

    OpenMessage = Callable[[], AbstractContextManager[LineReader]]
    """Opens a message for reading from its start, at any time."""

__all__ = ["iterate_messages"]

_FILE_SUFFIXES = {".eml", ".mbox", ".mbx"}
_MBOX_LINE = b"From "
_PIECE = 2**16


def iterate_messages(path: str | Path) -> Iterator[tuple[str, OpenMessage]]:
    """Yield the messages of a path: the place of each, and a function that opens it.

    An mbox file is recognized by its first line, a Maildir by its folders `cur` and `new`. Any
    other folder is searched for `.eml` and `.mbox` files, at any depth.

    Raises:
        BadRequestError: There is no such file or folder, or the folder holds no mail.
    """
    place = Path(path)
    if place.is_file():
        yield from _file_messages(place, place.name)
    elif _is_maildir(place):
        yield from _maildir_messages(place)
    elif place.is_dir():
        yield from _folder_messages(place)
    else:
        raise BadRequestError(f"No such file or folder: {str(place)!r}.")


def _folder_messages(folder: Path) -> Iterator[tuple[str, OpenMessage]]:
    files = sorted(
        each
        for each in folder.rglob("*")
        if each.suffix.lower() in _FILE_SUFFIXES and each.is_file()
    )
    if not files:
        raise BadRequestError(
            f"{str(folder)!r} is not a Maildir, and holds no .eml or .mbox files."
        )
    for file in files:
        yield from _file_messages(file, file.relative_to(folder).as_posix())


def _file_messages(file: Path, name: str) -> Iterator[tuple[str, OpenMessage]]:
    with file.open("rb") as opened:
        is_mbox = opened.read(len(_MBOX_LINE)) == _MBOX_LINE
    if not is_mbox:
        yield name, partial(_FilePart, file, 0, file.stat().st_size)
        return
    for number, ((_, start), (stop, _)) in enumerate(pairwise(_separators(file)), start=1):
        yield f"{name} message {number}", partial(_FilePart, file, start, stop)


def _separators(file: Path) -> Iterator[tuple[int, int]]:
    """Yield where each separating line of an mbox file begins and ends, and the end of the file.

    A line that begins with "From " separates messages if it is the first one or follows a blank
    line (RFC 4155).
    """
    position = 0
    is_line = is_after_blank = True
    with file.open("rb") as opened:
        for piece in iter(partial(opened.readline, _PIECE), b""):
            if is_line and is_after_blank and piece.startswith(_MBOX_LINE):
                yield position, position + len(piece)
            is_after_blank = is_line and not piece.strip(b"\r\n")
            is_line = piece.endswith(b"\n")
            position += len(piece)
    yield position, position


class _FilePart:
    """The lines of a part of a file."""

    def __init__(self, path: Path, start: int, stop: int) -> None:
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = stop - start

    def readline(self, size: int, /) -> bytes:
        """Return the next line, up to a number of bytes; empty at the end."""
        line = self._file.readline(min(size, self._left))
        self._left -= len(line)
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _maildir_messages(folder: Path) -> Iterator[tuple[str, OpenMessage]]:
    root = mailbox.Maildir(folder, create=False)
    boxes = [("", root), *((f"{name}/", root.get_folder(name)) for name in root.list_folders())]
    for name, box in boxes:
        for key in sorted(box.iterkeys()):
            yield f"{name}{key}", cast("OpenMessage", partial(box.get_file, key))
