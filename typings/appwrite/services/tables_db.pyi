from typing import Any

from appwrite.client import Client

class TablesDB:
    def __init__(self, client: Client) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
