"""Every method under one protocol: rows, their data, their runs, the table."""
