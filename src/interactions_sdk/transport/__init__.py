"""How requests are sent, without sending them: credentials, retries, hooks and proxies."""
