"""Whether differences survive the choice of prompt, in words."""

from ..common import text as wording
from ..levels import over_prompts
from ..posthoc.corrections import CORRECTIONS, Correction
from ..scores import Scores
from .finding import Finding
from .options import Options


def correction_of_pairs(options: Options) -> Correction:
    """The correction of the pairs, or Holm's where that needs joint draws."""
    asked = CORRECTIONS.get(options.correction)
    return asked if asked is not None and asked.adjust is not None else CORRECTIONS["holm"]


def choice_of_prompt(scores: Scores, options: Options) -> Finding:
    """Of every pair, whether other prompts would say the same."""
    correction = correction_of_pairs(options)
    found = over_prompts(
        scores, groups=options.groups, control=options.control, correction=correction.name, alpha=options.alpha
    )
    yes, no, undecided = (found.count(v) for v in ("yes", "no", "undecided"))
    n, frame = len(found.frame), found.frame
    turned = int(frame["prompts_a_ahead"].between(1, len(found.prompts) - 1).sum())
    if n == 1:
        row = frame.iloc[0]
        which = {"yes": "yes", "no": "no, the prompt decides which is ahead", "undecided": "undecided"}[row["survives"]]
        told = f"The difference of {row['model_a']} and {row['model_b']} survives the choice of prompt: {which}"
    else:
        told = (
            f"Of {wording.count(n, 'pair')} the difference survives the choice of prompt: yes for {yes:,}, no for {no:,} (the prompt decides "
            f"which is ahead), undecided for {undecided:,}"
        )
    return Finding(
        "Choice of prompt",
        f"yes: t over tasks and prompts, variances added (Banerjee); no: ahead by one prompt and behind by another, each beyond chance over tasks "
        f"(range test with t, Bonferroni over prompts); {correction.name}, alpha = {options.alpha:g}",
        "Banerjee (1960); Gail and Simon (1985); Piantadosi and Gail (1993)",
        scores.n_tasks,
        frame,
        {"yes": yes, "no": no, "undecided": undecided, "order_changes": turned},
        f"{told} ({wording.count(len(found.prompts), 'prompt')}, on other tasks like these). On these tasks, the order changes from prompt to "
        f"prompt for {turned:,} of {wording.count(n, 'pair')}.",
    )
