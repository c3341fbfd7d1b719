"""Train variants: one base, one data set, one recipe, one order of the data."""
