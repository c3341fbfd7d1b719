"""Files: tables and texts that are read with one-line errors, and written whole."""
