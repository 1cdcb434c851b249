"""Who acts, and what they may see and change."""
