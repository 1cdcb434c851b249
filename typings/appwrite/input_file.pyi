from typing import Self

class InputFile:
    filename: str
    data: bytes
    @classmethod
    def from_path(cls, path: str) -> Self: ...
    @classmethod
    def from_bytes(cls, bytes: bytes, filename: str, mime_type: str | None = None) -> Self: ...
