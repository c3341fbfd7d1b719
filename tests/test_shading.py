"""Tables on validity as heat maps: what is amiss is shaded, what holds is not, and every number stays."""

import importlib.util
import re
from pathlib import Path

PART = Path(__file__).parents[1] / "docs" / "site_parts" / "shading.py"
spec = importlib.util.spec_from_file_location("shading", PART)
assert spec is not None
assert spec.loader is not None
shading = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shading)


def page(heading: str, *cells: str) -> str:
    row = "".join(f'<td class="text-right"><p>{c}</p></td>' for c in cells)
    return (
        f'<h2>{heading}<a class="headerlink" href="#x">#</a></h2><table><tr><td><p>max-t 5</p></td>{row}</tr></table>'
    )


def test_an_error_above_its_level_is_shaded_and_one_at_its_level_is_not() -> None:
    made = shading.shaded(page("All pairs of five: family-wise error", "4.3", "<strong>27.2</strong>"))
    assert '<td class="text-right"><p>4.3</p></td>' in made
    assert '<td class="text-right heat-5"><p><strong>27.2</strong></p></td>' in made


def test_coverage_below_its_level_is_shaded_as_much() -> None:
    made = shading.shaded(page("All pairs of five: joint coverage", "95.3", "<strong>68.5</strong>"))
    assert re.findall(r"heat-\d", made) == ["heat-5"]


def test_power_is_shaded_by_what_is_found_and_other_tables_are_left_alone() -> None:
    assert re.findall(r"gain-\d", shading.shaded(page("One pair: power", "0.0", "43.6", "92.4"))) == [
        "gain-2",
        "gain-5",
    ]
    plain = page("The first model's mean: width", "12.0")
    assert shading.shaded(plain) == plain


def test_no_number_is_lost() -> None:
    before = page("Families: any false claim on one page", "1.0", "12.5", "–")
    bare = lambda html: re.sub("<[^>]*>", " ", html)  # noqa: E731
    assert bare(shading.shaded(before)) == bare(before)
