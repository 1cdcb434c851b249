"""Values, their formats and their errors; independent of requests and the database."""
