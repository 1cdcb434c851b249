"""Email as interactions: `.eml` files, mbox files and Maildir folders, read with `email`.

`repository.import_mail(...)` and `interactions import mail` use it.
"""

from interactions_sdk.integrations.mail.classification import MailKind
from interactions_sdk.integrations.mail.source import MailSource

__all__ = ["MailKind", "MailSource"]
