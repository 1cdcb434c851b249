"""A desk in the browser for people who log calls and follow up; needs the extra `desk`.

`desk(crm, identify=...)` is an ASGI application: mount it into your own, where people sign in, or
run it on this machine with `interactions desk`.
"""

from interactions_sdk.desk.application import desk
from interactions_sdk.desk.identity import Admin, Identify, User

__all__ = ["Admin", "Identify", "User", "desk"]
