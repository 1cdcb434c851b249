"""Writing interactions, customer dates and audit entries."""
