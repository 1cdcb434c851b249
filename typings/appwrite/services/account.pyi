from typing import Any

from appwrite.client import Client

class Account:
    def __init__(self, client: Client) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
