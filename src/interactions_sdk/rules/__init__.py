"""What one operation writes: pure functions from a draft, a customer and a time to operations."""
