"""Further tables as people have them, by kind: each read as what it says, or refused by one line with what to do."""

import json

import numpy as np
import pandas as pd
import pytest

from bench import read
from bench.intake.runs_in_names import runs_of
from stats.common.errors import InputError

TASKS = ["STS12", "STS13", "SciFact", "ArguAna"]
MODELS = ["acme/large", "Ωmega", "模型-1"]
TRUE = pd.DataFrame([[0.82, 0.83, 0.64], [0.34, 0.55, 0.57], [0.41, 0.44, 0.63], [0.71, 0.28, 0.52]], TASKS, MODELS)


def _file(tmp_path, text, name="s.csv"):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _same(scores, true=TRUE):
    assert set(scores.models) == set(true.columns)
    np.testing.assert_allclose(scores.table.loc[true.index, true.columns], true, atol=1e-12)


def _said(scores):
    return scores.provenance["read"]["sentence"]


# -- headings of several levels ----------------------------------------------------------------------------------------


def _metrics(order):
    frame = pd.concat({"accuracy": TRUE, "f1": TRUE - 0.1}, axis=1)
    return (
        frame if order == "metric above" else frame.swaplevel(axis=1).sort_index(axis=1, level=0, sort_remaining=False)
    )


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("order", ["metric above", "model above"])
def test_a_level_of_metrics_is_asked_about_and_chosen(order, named, tmp_path):
    frame = _metrics(order)
    if named:
        frame.columns.names = ["metric", "model"] if order == "metric above" else ["model", "metric"]
        frame.index.name = "task"
    for source in (frame, _file(tmp_path, frame.to_csv())):
        with pytest.raises(InputError, match=r"task 'STS12' has 2 metrics \(accuracy and f1\): --metric 'accuracy'"):
            read(source)
        _same(read(source, metric="f1"), TRUE - 0.1)


def test_a_level_of_seeds_holds_training_runs(tmp_path):
    frame = pd.concat({(m, s): TRUE[m] + (s - 1) * 0.01 for m in MODELS for s in range(3)}, axis=1)
    frame = frame.rename_axis("task").rename_axis(columns=["model", "seed"])
    for source in (frame, frame.swaplevel(axis=1), _file(tmp_path, frame.to_csv())):
        scores = read(source)
        _same(scores)
        assert _said(scores).endswith("scores are means of 3 seeds, each kept")


def test_a_row_of_units_is_no_part_of_names(tmp_path):
    assert read(_file(tmp_path, "task,a,b\n,(%),(%)\nx,10,20\ny,30,40\n")).models == ["a", "b"]


@pytest.mark.parametrize("corner", ["Model\\Task", "model / dataset", "Method|Benchmark"])
def test_a_corner_says_what_rows_and_columns_are(corner, tmp_path):
    text = f'"{corner}",x,y\nq,.1,.2\nr,.4,.5\n'
    assert read(_file(tmp_path, text), separator=",").models == ["q", "r"]


# -- columns that are no models ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "values", "why"),
    [
        ("best", TRUE.max(axis=1), "largest of the others"),
        ("delta", TRUE["acme/large"] - TRUE["Ωmega"], "difference of two others"),
        ("p-value", [0.1, 0.2, 0.3, 0.4], "no scores"),
        ("n_classes", [2, 3, 4, 5], "no scores"),
        ("Moyenne", TRUE.mean(axis=1).round(4), "mean of the 3 others"),
        ("harmonic mean", 1 / (1 / TRUE).mean(axis=1), "harmonic mean of the others"),
    ],
)
def test_columns_beside_the_scores_are_set_aside(heading, values, why, tmp_path):
    frame = TRUE.assign(**{heading: values}).rename_axis("task")
    scores = read(_file(tmp_path, frame.to_csv()))
    _same(scores)
    assert scores.provenance["read"]["set_aside"] == {f"column {heading}": why}


def test_a_count_of_tasks_is_no_task(tmp_path):
    frame = pd.concat([TRUE, pd.DataFrame(4, ["Count"], MODELS)]).rename_axis("task")
    _same(read(_file(tmp_path, frame.to_csv())))


def test_a_model_called_delta_is_asked_about(tmp_path):
    path = _file(tmp_path, "task,a,delta,b\nx,.1,.9,.3\ny,.2,.7,.4\n")
    with pytest.raises(InputError, match=r"--model '!delta', or keep it as a model with --model '\*'"):
        read(path)
    assert read(path, models="*").models == ["a", "delta", "b"]


# -- cells -------------------------------------------------------------------------------------------------------------


def _cells(tmp_path, first, last="0.52"):
    rows = TRUE.astype(str)
    rows.iloc[0, 0], rows.iloc[3, 2] = first, last
    return _file(tmp_path, rows.rename_axis("task").to_csv())


@pytest.mark.parametrize("cell", ["0.82 (↑0.03)", "0.82 [0.80, 0.84]", "０．８２", "0.82<sup>a</sup>"])
def test_cells_with_more_than_a_score(cell, tmp_path):
    scores = read(_cells(tmp_path, cell))
    _same(scores)
    assert scores.cells is None or "stderr" not in scores.cells


def test_what_stands_in_brackets_and_is_not_used_is_said(tmp_path):
    assert "differences in brackets are not used" in _said(read(_cells(tmp_path, "0.82 (↑0.03)")))
    assert "intervals in brackets are not used" in _said(read(_cells(tmp_path, "0.82 [0.80, 0.84]")))


@pytest.mark.parametrize("cell", ["good", "#DIV/0!", "0.8 s", "82/100"])
def test_what_is_no_number_says_what_to_write(cell, tmp_path):
    with pytest.raises(InputError, match=f"holds '{cell}', which is not a number; expected a score, or an empty cell"):
        read(_cells(tmp_path, cell))


@pytest.mark.parametrize("cell", ["TBD", "OOM", "timeout", "(failed)", "*OOM*", "DNF", "not run", "✗", "...", "NaN%"])
def test_a_run_that_came_to_no_score_is_missing_and_said(cell, tmp_path):
    scores = read(_cells(tmp_path, cell))
    assert np.isnan(scores.values).sum() == 1
    assert f"{cell!r} read as missing" in _said(scores)


#: What a number is set with in LaTeX and HTML -> what is read, and its error.
SET = {
    r"0.82\textsuperscript{1}": None,
    r"0.82\textsuperscript{$\dagger$}": None,
    r"0.82\tnote{1}": None,
    r"0.82\footnotemark[1]": None,
    r"0.82\hphantom{0}": None,
    r"\scalebox{0.8}{0.82}": None,
    r"0.82\textsubscript{0.03}": 0.03,
    r"0.82\std{0.03}": 0.03,
    r"0.82{\scriptsize $\pm$0.03}": 0.03,
    "0.82<sub>0.03</sub>": 0.03,
    "0.82<sup>2</sup>": None,
    "0.82ab": None,
    "0.82 ↑0.03": None,
}


@pytest.mark.parametrize("cell", SET)
def test_a_number_that_is_set_behind_a_score_is_no_digit_of_it(cell, tmp_path):
    scores = read(_cells(tmp_path, cell))
    assert scores.values[0, 0] == 0.82
    if SET[cell] is not None:
        assert (scores.cells["stderr"] == SET[cell]).sum() == 1


@pytest.mark.parametrize(
    "cell", [r"0.82\gain{12}", r"82\gain{1}", r"0.82\small{12}", r"0.82{\tiny 12}", r"0.82 \gain{0.1}"]
)
def test_two_numbers_in_a_cell_are_refused(cell, tmp_path):
    with pytest.raises(InputError, match="which is not a number"):
        read(_cells(tmp_path, cell))


def test_a_number_below_the_line_of_an_html_table_is_an_error(tmp_path):
    rows = "".join(f"<tr><td>t{i}</td><td>7{i}.2<sub>1</sub></td><td>6{i}</td></tr>" for i in range(3))
    page = tmp_path / "s.html"
    page.write_text(f"<table><tr><th>task</th><th>CO<sub>2</sub></th><th>b</th></tr>{rows}</table>")
    scores = read(page)
    assert scores.table["CO2"].tolist() == [70.2, 71.2, 72.2]


@pytest.mark.parametrize("cell", ["0.82^1", "0.82^{*}", "0.82^a"])
def test_a_footnote_behind_a_caret_is_no_power(cell, tmp_path):
    assert (read(_cells(tmp_path, cell)).values == 0.82).any()
    with pytest.raises(InputError, match="is not a number"):
        read(_cells(tmp_path, "10^3"))


def test_a_sign_for_no_score_is_said(tmp_path):
    assert "1 of 12 scores is -1 and no other is below 0: taken as scores" in _said(read(_cells(tmp_path, "-1")))
    assert "taken as scores" not in _said(read(_cells(tmp_path, "-0.2")))


# -- names -------------------------------------------------------------------------------------------------------------


def test_names_in_latex_keep_small_words_and_lose_references(tmp_path):
    text = r"""\begin{tabular}{lcc} Model & STS12 & STS13 \\ BERT$_{\text{base}}$ & 57.0$_{\pm0.4}$ & 60.1 \\
    GloVe~\cite{glove} & 50.0$_{\pm0.3}$ & 61.1 \\ \end{tabular}"""
    scores = read(_file(tmp_path, text, "s.tex"))
    assert scores.models == ["BERT_base", "GloVe"]
    assert scores.cells.set_index(["task", "model"])["stderr"]["STS12", "BERT_base"] == 0.4


@pytest.mark.parametrize("encoding", ["gb18030", "shift_jis", "euc_kr"])
def test_text_of_another_script_is_not_taken_for_western(encoding, tmp_path):
    names = {"gb18030": "模型", "shift_jis": "日本語モデル", "euc_kr": "모델이름"}
    data = f"task,{names[encoding]},b\nx,.1,.2\ny,.3,.4\n".encode(encoding)
    with pytest.raises(InputError, match=r"is not UTF-8 text \(byte .*save it as UTF-8"):
        read(_file(tmp_path, data))
    western = "task,Bär,Café,naïve\nx,.1,.2,.3\ny,.3,.4,.5\n".encode("cp1252")
    assert read(_file(tmp_path, western)).models == ["Bär", "Café", "naïve"]


def test_numbers_alone_have_no_heading(tmp_path):
    for name, text in (
        ("s.json", json.dumps(TRUE.to_numpy().tolist())),
        ("s.csv", TRUE.to_csv(index=False, header=False)),
    ):
        with pytest.raises(InputError, match="is the heading missing"):
            read(_file(tmp_path, text, name))


@pytest.mark.parametrize(
    "form",
    ["{m}@seed={s}", "seed{s}_{m}", "{m}_rs{s}", "{m}#{s}", "{m}.{s}", "{m}_{s}", "{m} (seed {s})", "fold-{s}/{m}"],
)
def test_seeds_in_names_of_every_form(form):
    names = {m: [form.format(m=m, s=s) for s in range(3)] for m in ("bert", "tfidf")}
    listed = [n for of in names.values() for n in of]
    assert runs_of(listed, numbers=True) == names


def test_seeds_that_are_not_in_the_names_are_no_silence(tmp_path):
    with pytest.raises(InputError, match=r"no two models are named as runs of one.*read without --seeds-from-names"):
        read(_file(tmp_path, "task,bert,tfidf\nx,.1,.2\ny,.3,.4\n"), seeds_from_names=True)


# -- several sources ---------------------------------------------------------------------------------------------------


def test_fractions_and_points_are_not_merged(tmp_path):
    a = _file(tmp_path, TRUE[MODELS[:2]].rename_axis("task").to_csv(), "a.csv")
    b = _file(tmp_path, (100 * TRUE[MODELS[2:]]).rename_axis("task").to_csv(), "b.csv")
    with pytest.raises(
        InputError, match=r"task 'STS12' has 0.82 in .*a.csv and 64 in .*b.csv: fractions in one and points"
    ):
        read([a, b])


def test_one_file_a_task(tmp_path):
    for task in TASKS:
        _file(tmp_path, TRUE.loc[task].rename("score").rename_axis("model").to_csv(), f"t/{task}.csv")
    _same(read(tmp_path / "t"))


def test_an_empty_path_is_not_this_folder():
    with pytest.raises(InputError, match="got an empty path"):
        read("")


def test_a_result_of_mteb_as_a_single_file_names_the_folder(tmp_path):
    path = _file(tmp_path, '{"task_name": "STS12", "scores": {"test": []}}', "STS12.json")
    with pytest.raises(InputError, match="is a result of mteb: give the folder of results"):
        read(path)


# -- other tools -------------------------------------------------------------------------------------------------------


def _harness(tmp_path):
    for model, accuracy in (("a", 0.6), ("b", 0.5)):
        results = {
            "arc": {"acc,none": accuracy, "acc_stderr,none": 0.01},
            "wiki": {"word_perplexity,none": 10 + accuracy},
        }
        ways = {"arc": {"acc": True}, "wiki": {"word_perplexity": False}}
        content = {
            "results": results,
            "higher_is_better": ways,
            "configs": {"arc": {}, "wiki": {}},
            "model_name": model,
        }
        _file(tmp_path, json.dumps(content), f"lm/results_{model}.json")
    return tmp_path / "lm"


def test_tasks_of_two_directions_are_turned_for_tools_too(tmp_path):
    scores = read(_harness(tmp_path))
    assert scores.turned == ["wiki"]
    assert scores.table.loc["wiki"].tolist() == [-10.6, -10.5]
    assert "; lower is better: wiki" in _said(scores)


@pytest.mark.parametrize("chosen", ["arc", "!wiki"])
def test_tasks_of_a_tool_are_chosen_before_they_are_told_apart(chosen, tmp_path):
    assert read(_harness(tmp_path), tasks=chosen).task_names == ["arc"]
