"""What `compare` is made of: the tests by name, the result, its sentences and its file."""
