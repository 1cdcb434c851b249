"""Calendars as interactions: events with attendees are meetings, to-dos are tasks.

`repository.import_calendar(...)` and `interactions import calendar` use it.
"""

from interactions_sdk.integrations.calendar_files.source import CalendarSource

__all__ = ["CalendarSource"]
