"""Read files as they are: workbooks, text tables, vector files, databases, archives."""
