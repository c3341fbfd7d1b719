"""``python -m embsig``."""

import os
import sys

if sys.path[0] == os.getcwd() != os.path.dirname(os.path.dirname(os.path.abspath(__file__))):
    del sys.path[0]  # `python -m` puts the current folder first: a user's stats.py or random.py there is not ours

from embsig.cli.app import main

if __name__ == "__main__":
    main()
