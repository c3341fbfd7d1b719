"""From states to one vector: the table of poolings, their torch modules, and the taps that hand them the layers."""
