"""Sending requests, and reading rows and writing transactions with them."""
