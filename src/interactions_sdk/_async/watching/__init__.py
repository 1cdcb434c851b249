"""Reporting changes as they happen."""
