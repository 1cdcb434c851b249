"""Forms with files, as `multipart/form-data` carries them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_PARAMETER = re.compile(rb'(?:^|;)\s*(filename|name)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form: a text, or a file where it has a file's name."""

    name: str
    filename: str | None
    content: bytes


def parse(content_type: str, body: bytes) -> list[Part]:
    """Part a form into its fields; what is no such form has none."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return []
    delimiter = b"--" + boundary[1].encode()
    parts: list[Part] = []
    for section in body.split(delimiter)[1:-1]:
        head, _, content = section.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = {
            key.lower(): value.replace(b'\\"', b'"').replace(b"%22", b'"').decode()
            for key, value in _PARAMETER.findall(head)
        }
        name = named.get(b"name")
        if name is not None:
            part = Part(name, named.get(b"filename"), content.removesuffix(b"\r\n"))
            parts.append(part)
    return parts
