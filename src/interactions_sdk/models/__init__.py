"""What a record is: frozen pydantic models that hold no connection."""
