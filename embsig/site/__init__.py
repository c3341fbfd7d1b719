"""The site of all leaderboards: every benchmark of a results tree, each read, compared and written as a page."""

from .making import Made, make_site

__all__ = ["Made", "make_site"]
