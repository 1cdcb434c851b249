"""Timelines of interactions, grouped by day, and their HTML without scripts."""

from interactions_sdk.timeline.html import EntityUrl
from interactions_sdk.timeline.timeline import Timeline, TimelineDay

__all__ = ["EntityUrl", "Timeline", "TimelineDay"]
