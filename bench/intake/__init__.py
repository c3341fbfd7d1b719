"""Whatever people have their scores in, understood: what was read, set aside and turned is said, what is ambiguous is asked."""
