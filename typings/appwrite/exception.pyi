class AppwriteException(Exception):
    message: str
    code: int
    type: str
    response: str | None
    def __init__(
        self,
        message: str,
        code: int = 0,
        type: str | None = None,
        response: str | None = None,
    ) -> None: ...
