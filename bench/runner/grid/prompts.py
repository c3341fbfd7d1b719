"""Which instruction stands before a text: the model's own, none, the task's, or one from a file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.variants.folder_checks import refuse_long_prompt
from stats.common.errors import InputError

#: The instructions that Tang & Yang (2024) evaluated with (``eval_instruction.py`` of their code), and where they put them: straight before the
#: queries of retrieval, and before every text of all other tasks, documents of reranking among them. Other tasks than theirs get none.
PAPER_PROMPTS = Path(__file__).parents[2] / "data" / "paper_prompts.json"


@dataclass(frozen=True)
class Prompts:
    """How texts are instructed.

    Attributes
    ----------
    mode : {"model", "none", "task", "file"}
        ``"model"``: the prompts that the model defines itself. ``"none"``: nothing. ``"task"``: the task's instruction
        (mteb's, else that of its family) and a space, before queries and before the texts of tasks without roles;
        documents get none. ``"file"``: as `table` says.
    table : mapping
        For ``"file"``: instruction by ``TASK-query``, ``TASK-document``, ``TASK``, ``FAMILY-query``,
        ``FAMILY-document``, ``FAMILY``, ``query``, ``document`` or ``default``, the first that is there; put before the
        text as it is, spaces included.
    """

    mode: str = "model"
    table: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, prompt: "str | Path | Mapping[str, str] | Prompts | None") -> "Prompts":
        """Make Prompts from ``None`` or ``"model"``, ``"none"``, ``"task"``, ``"paper"``, a JSON file or a mapping.

        ``"paper"`` is the table of `PAPER_PROMPTS`.

        Raises
        ------
        InputError
            If it is none of these, or the file is not a JSON object of texts.
        """
        if isinstance(prompt, Prompts):
            return prompt
        if prompt is None or prompt in ("model", "none", "task"):
            return cls(str(prompt or "model"))
        if prompt == "paper":
            prompt = PAPER_PROMPTS
        if isinstance(prompt, Mapping):
            table: Any = prompt
        else:
            try:
                table = json.loads(Path(prompt).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise InputError(
                    f"prompt {str(prompt)!r}: expected none, task, model, paper or a JSON file of instructions by task "
                    f"({' '.join(str(error).split())[:120]})"
                ) from error
        if not isinstance(table, Mapping) or not all(isinstance(v, str) for v in table.values()):
            raise InputError(
                f"prompt {str(prompt)[:80]!r}: expected a JSON object of instruction texts by task or family"
            )
        for name, text in table.items():
            refuse_long_prompt(name, text)
        return cls("file", dict(table))

    @property
    def identity(self) -> str:
        """Mode, and for a table the hash of its content: what a result's cache rule compares."""
        if self.mode != "file":
            return self.mode
        return "file:" + hashlib.sha256(json.dumps(dict(self.table), sort_keys=True).encode()).hexdigest()[:16]

    def text(self, metadata: Any, role: str | None) -> str | None:
        """Return what to put before a text: an instruction, ``""`` for nothing, or None to leave it to the model."""
        if self.mode == "model":
            return None
        if self.mode == "none":
            return ""
        if self.mode == "task":
            instruction = _task_instruction(metadata, role)
            return f"{instruction} " if instruction else ""
        for key in (metadata.name, str(metadata.type)):
            for name in (f"{key}-{role}", key):
                if name in self.table:
                    return self.table[name]
        return self.table.get(str(role), self.table.get("default", ""))


def _task_instruction(metadata: Any, role: str | None) -> str:
    from mteb.abstasks.abstask import get_abstask_prompt

    prompt = metadata.prompt
    if isinstance(prompt, dict):
        return str(prompt.get(role or "query", ""))
    if role == "document":
        return ""
    return str(prompt or get_abstask_prompt(metadata.name) or "")
