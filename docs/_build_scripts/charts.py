"""Draw the charts of the pages: `python docs/_build_scripts/charts.py FOLDER`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from interactions_sdk import reports
from interactions_sdk.models.interaction import CustomerInteraction

AS_OF = datetime(2026, 6, 15, 12, tzinfo=UTC)
TYPES = ("call", "email", "call", "meeting", "note", "email", "call", "task")
USERS = ("ada", "grace", "ada", "edith", "grace", "ada")
OUTCOMES = ("successful", "no_answer", None, "resolved", "voicemail", "resolved", None)


def interaction(number: int) -> CustomerInteraction:
    """Make up one of the interactions, the same on every run."""
    chance = number * 7919 % 997
    created = datetime(2025, 12, 1, 8, tzinfo=UTC) + timedelta(days=number // 4, hours=chance % 10)
    outcome = OUTCOMES[chance % 7]
    due = created + timedelta(days=1 + chance % 9)
    completed = due + timedelta(days=chance % 5 - 2)
    facts = {"completedAt": completed.isoformat(), "firstDueAt": due.isoformat(), "snoozes": 0}
    return CustomerInteraction.model_validate(
        {
            "id": f"i{number}",
            "created_at": created,
            "updated_at": created,
            "customer_id": f"customer-{min(chance % 13, chance % 40):02}",
            "user_id": USERS[chance % 6],
            "interaction_type": TYPES[chance % 8],
            "direction": "inbound" if chance % 3 == 0 else "outbound",
            "duration": chance % 50 + 1,
            "outcome": outcome,
            "next_action_date": due if chance % 2 else None,
            "metadata": {"custom_fields": {"followUp": facts}} if outcome == "resolved" else None,
        }
    )


def main(folder: Path) -> None:
    """Draw them all."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = reports.frame(
        made for number in range(800) if (made := interaction(number)).created_at < AS_OF
    )
    results = {
        "by_type": reports.by_type(frame),
        "user_activity": reports.user_activity(frame),
        "engagement": reports.engagement(frame, as_of=AS_OF),
        "follow_up_completion": reports.follow_up_completion(frame, as_of=AS_OF),
        "stale_customers": reports.stale_customers(frame, days=2, as_of=AS_OF),
        "heatmap": reports.heatmap(frame),
    }
    for name, result in results.items():
        reports.plot(result).save(folder / f"{name}.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
