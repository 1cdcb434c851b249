"""The messages of a path: an `.eml` file, an mbox file, a Maildir, or a folder of such files."""

from __future__ import annotations

import mailbox
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    OpenMessage = Callable[[], IO[bytes]]
    """Opens a message to read it from its beginning."""

__all__ = ["iterate_messages"]

_FILE_SUFFIXES = {".eml", ".mbox", ".mbx"}
_MBOX_LINE = b"From "


def iterate_messages(path: str | Path) -> Iterator[tuple[str, OpenMessage]]:
    """Yield the messages of a path: where each is, and what opens it.

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
        raise BadRequestError(f"There is no file or folder {str(place)!r}.")


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
        yield name, partial(_open_file, file)
        return
    box = mailbox.mbox(file, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), start=1):
            yield f"{name} message {number}", partial(_open, box, key)
    finally:
        box.close()


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _maildir_messages(folder: Path) -> Iterator[tuple[str, OpenMessage]]:
    root = mailbox.Maildir(folder, create=False)
    boxes = [("", root), *((f"{name}/", root.get_folder(name)) for name in root.list_folders())]
    for name, box in boxes:
        for key in sorted(box.iterkeys()):
            yield f"{name}{key}", partial(_open, box, key)


def _open_file(file: Path) -> IO[bytes]:
    return file.open("rb")


def _open(box: mailbox.mbox | mailbox.Maildir, key: str) -> IO[bytes]:
    return cast("IO[bytes]", box.get_file(key))
