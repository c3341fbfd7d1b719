"""Jobs executed: in this process or on a Ray cluster."""
