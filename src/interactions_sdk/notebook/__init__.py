"""What notebooks and browsers show: HTML without script, every text in it escaped."""

from interactions_sdk.notebook.timeline import (
    EntityUrl,
    entity_address,
    timeline_document,
    timeline_fragment,
)

__all__ = ["EntityUrl", "entity_address", "timeline_document", "timeline_fragment"]
