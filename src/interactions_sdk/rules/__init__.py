"""Business rules as pure functions: what an operation writes, and who owns a row."""
