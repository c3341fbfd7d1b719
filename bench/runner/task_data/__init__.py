"""Task data on this machine, and hashes of content."""
