"""``python -m embsig``; the guard has taken a current folder that is not ours off the path."""

from embsig.cli.app import main

if __name__ == "__main__":
    main()
