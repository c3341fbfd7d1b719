"""The folder of a run: records, atomic commits, the manifest."""
