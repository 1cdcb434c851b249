"""The SQLite file: tables, rows, and the SQL of Appwrite's queries."""
