"""What is measured: a module a part, each with ``run(options)``, which returns rows of the table."""
