"""Text for TeX."""

from . import display

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "α": r"\ensuremath{\alpha}", "−": r"\ensuremath{-}", "–": "--",
}  # fmt: skip


def escape_tex(text: object) -> str:
    """Write a text so that TeX prints it as it is.

    Examples
    --------
    >>> escape_tex("50%_off")
    '50\\\\%\\\\_off'
    """
    return "".join(_ESCAPES.get(c, c) for c in display.name(text))
