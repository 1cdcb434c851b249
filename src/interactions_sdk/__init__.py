"""Log and read customer interactions kept in Appwrite TablesDB."""
