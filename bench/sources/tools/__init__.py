"""Results of other tools, each read by a module of its own into one long table; `registry` lists them."""
