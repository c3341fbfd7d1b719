"""Show what an analysis found: diagrams, tables, HTML."""

from embsig_guard import check_siblings

check_siblings(__name__, __file__)
