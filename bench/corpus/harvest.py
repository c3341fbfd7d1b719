"""Read the docstrings of installed packages from their sources, with ``ast``, importing nothing."""

import ast
import inspect
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .docstring import parse, prose, sentences
from .packages import Source, module_files

#: Calls that attach a docstring to an object written in C: name of the function -> positions of (object, text).
_ATTACHED = {"add_newdoc": (1, 2), "add_docstr": (0, 1), "_add_docstr": (0, 1)}


@dataclass(frozen=True)
class Entry:
    """One documented object.

    Attributes
    ----------
    package, module, qualname, kind : str
        Where it stands: import name of the package, dotted module, ``Class.method`` or function or class name (empty
        for a module's own docstring), and one of ``module``, ``class``, ``function``, ``method``.
    summary, description : str
        The first paragraph, and the paragraphs up to the first section, as running text.
    see_also : tuple of str
        The names under See Also, as written.
    text : str
        All prose of the docstring: what the language model is trained on.
    """

    package: str
    module: str
    qualname: str
    kind: str
    summary: str
    description: str
    see_also: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        """The last part of the qualified name; of a module, the last part of its dotted name."""
        return (self.qualname or self.module).rpartition(".")[2]

    @property
    def path(self) -> str:
        """The full dotted name."""
        return f"{self.module}.{self.qualname}" if self.qualname else self.module

    @property
    def is_pair(self) -> bool:
        """Whether summary and description make a retrieval pair: at least three words and at least two sentences."""
        return len(self.summary.split()) >= 3 and sentences(self.description) >= 2 and len(self.description) >= 80


def _entry(package: str, module: str, qualname: str, kind: str, doc: str) -> Entry | None:
    parts = parse(doc)
    if len(parts.summary) < 10:
        return None
    return Entry(package, module, qualname, kind, parts.summary, parts.description, parts.see_also, prose(doc))


def _documented(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name, "class", child
            yield from _documented(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, "method" if prefix else "function", child
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _documented(child, prefix)


def _text_of(node: ast.AST) -> str | None:
    """Give the text of a string constant, also of ``"...".format(...)``, ``r'''...''' + x`` and ``("text", ...)``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _text_of(node.func.value)
    if isinstance(node, ast.BinOp):
        return _text_of(node.left)
    if isinstance(node, ast.Tuple) and node.elts:
        return _text_of(node.elts[-1] if len(node.elts) == 2 else node.elts[0])
    return None


def _attached(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Find the docstrings of C objects that a module attaches by a call; yields (name, text)."""
    for node in tree.body:
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call):
            continue
        function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if function not in _ATTACHED:
            continue
        where, which = _ATTACHED[function]
        if len(call.args) <= which:
            continue
        target, argument = call.args[where], call.args[which]
        name = target.value if isinstance(target, ast.Constant) else ast.unparse(target)
        if isinstance(argument, ast.Tuple) and len(argument.elts) == 2:
            member = argument.elts[0].value if isinstance(argument.elts[0], ast.Constant) else None
            if isinstance(member, str) and isinstance(name, str):
                name = f"{name}.{member}"
        text = _text_of(argument)
        if isinstance(name, str) and text:
            yield name.removeprefix("torch."), inspect.cleandoc(text)


def read_module(package: str, module: str, path: Path) -> list[Entry]:
    """Read the documented objects of one source file; a file that this Python cannot parse has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return []
    found: list[Entry | None] = []
    if doc := ast.get_docstring(tree):
        found.append(_entry(package, module, "", "module", doc))
    for qualname, kind, node in _documented(tree):
        if doc := ast.get_docstring(node):  # type: ignore[arg-type]  # _documented yields only documentable nodes
            found.append(_entry(package, module, qualname, kind, doc))
    found.extend(_entry(package, module, name, "function", doc) for name, doc in _attached(tree))
    return [entry for entry in found if entry is not None]


def harvest(sources: tuple[Source, ...], *, progress: Callable[[str], None] | None = None) -> list[Entry]:
    """Read all packages in order; equal texts are kept once, where they come first."""
    entries: list[Entry] = []
    seen: set[str] = set()
    for source in sources:
        for module, path in module_files(source):
            for entry in read_module(source.package, module, path):
                if entry.text not in seen:
                    seen.add(entry.text)
                    entries.append(entry)
        if progress:
            progress(source.package)
    return entries
