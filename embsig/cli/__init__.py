"""The command line: it parses, calls and prints; no logic of its own."""
