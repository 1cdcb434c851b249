"""What needs neither a request nor a database: values, their forms and their errors."""
