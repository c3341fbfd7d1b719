"""Text for TeX."""

from stats.common import text

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "α": r"\ensuremath{\alpha}", "−": r"\ensuremath{-}", "–": "--", "∞": r"\ensuremath{\infty}",
}  # fmt: skip


def escape_tex(given: object) -> str:
    """Write a text so that TeX prints it as it is.

    Examples
    --------
    >>> escape_tex("50%_off")
    '50\\\\%\\\\_off'
    """
    return "".join(_ESCAPES.get(c, c) for c in text.name(given))
