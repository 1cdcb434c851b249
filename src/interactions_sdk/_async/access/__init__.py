"""Acting users, and what they may see and change."""
