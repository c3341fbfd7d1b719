"""What the page's script works on, and what a reader can take away."""

import base64
import gzip
import hashlib
import json
from typing import Any
from urllib.parse import quote

from stats.common.jsonable import plain

#: JSON within a script element: none of these may end it or open a comment.
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_for_script(value: Any) -> str:
    """Write JSON that can stand in a ``<script>`` element whatever the names are.

    Examples
    --------
    >>> json_for_script("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=plain)
    for character, escape in _UNSAFE.items():
        text = text.replace(character, escape)
    return text


def json_document(value: Any) -> str:
    """Write plain values as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def content_hash(text: str) -> str:
    """Return the content-policy source of an inline script or style: ``'sha256-...'``."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def data_uri(text: str, media: str) -> str:
    """Return a link that holds a text, for downloading without a network."""
    return f"data:{media};charset=utf-8,{quote(text, safe=_PLAIN)}"


def compressed_uri(text: str) -> str:
    """Return a link that holds a text, compressed by gzip (with no date in it)."""
    packed = gzip.compress(text.encode(), compresslevel=6, mtime=0)  # a third of the time of 9, 2 % more bytes
    return f"data:application/gzip;base64,{base64.b64encode(packed).decode()}"


_PLAIN = "/,:;.-_()[]{}=+*!@$~?|'"
