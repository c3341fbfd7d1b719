"""Rows that head others, merged cells, means beside their spreads, and names that come several times."""

import numpy as np
import pandas as pd
import pytest

import embsig
from bench import read
from stats.common.errors import InputError


def _file(tmp_path, text, name="s.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def _said(scores):
    return scores.provenance["read"]["sentence"]


# -- rows that head others -------------------------------------------------------------------------------------------

PAPER = r"""\begin{tabular}{llccc}
\toprule
\multirow{2}{*}{Model} & \multirow{2}{*}{Size} & \multicolumn{2}{c}{STS} & Retr. \\
\cmidrule(lr){3-4}\cmidrule(lr){5-5}
 & & STS12 & STS13 & SciFact \\
\midrule
\multicolumn{5}{l}{\textit{Baselines}} \\
BM25 & -- & 61.2 & 62.3 & 66.5 \\
E5~\cite{wang} & 0.3B & 70.2$_{\pm 0.3}$ & 71.1 & 69.0 \\
\midrule
\multicolumn{5}{l}{\textit{Ours}} \\
Ours-base & 0.1B & \underline{71.0} & \textbf{73.2} & 70.1 \\
Ours-large\textsuperscript{$\dagger$} & 7B & \textbf{72.1} & 73.0 & \textbf{71.5} \\
\bottomrule
\end{tabular}"""


def test_headings_amid_the_rows_of_a_paper_are_no_models(tmp_path):
    scores = read(_file(tmp_path, PAPER, "paper.tex"))
    assert scores.models == ["BM25", "E5", "Ours-base", "Ours-large"]
    assert scores.table.loc["STS12"].tolist() == [61.2, 70.2, 71.0, 72.1]
    assert "rows that head others: Baselines and Ours" in _said(scores)


@pytest.mark.parametrize("mark", ["*{}*", "{}"])
def test_rows_of_a_name_alone_head_others(tmp_path, mark):
    heads = [mark.format("Baselines"), mark.format("Ours")]
    text = f"| Method | STS12 | STS13 |\n|---|---|---|\n| {heads[0]} | | |\n| BM25 | 61 | 62 |\n| e5 | 70 | 71 |\n| {heads[1]} | | |\n| new | 71 | 73 |\n"
    assert read(_file(tmp_path, text, "s.md")).models == ["BM25", "e5", "new"]


def test_headings_amid_tasks_are_their_families(tmp_path):
    scores = read(_file(tmp_path, "task,a,b\nSmall,,\nx,.1,.2\ny,.2,.3\nLarge,,\nz,.4,.3\n"))
    assert scores.tasks["family"].to_dict() == {"x": "Small", "y": "Small", "z": "Large"}


def test_a_model_without_a_score_is_set_aside_and_a_task_is_kept(tmp_path):
    scores = read(_file(tmp_path, "model,t1,t2\na,.1,.2\nb,.2,.3\nlate,,\n"))
    assert scores.models == ["a", "b"]
    assert scores.provenance["read"]["set_aside"] == {"row late": "no scores"}
    assert read(_file(tmp_path, "task,a,b\nt0,,\nt1,.1,.2\nt2,.2,.3\n")).task_names == ["t0", "t1", "t2"]


# -- merged cells ----------------------------------------------------------------------------------------------------


def test_merged_names_of_a_long_table_hold_for_all_rows(tmp_path):
    scores = read(_file(tmp_path, "model,task,score\nbge,t1,.7\n,t2,.8\ne5,t1,.71\n,t2,.82\n"))
    assert scores.table.to_numpy().tolist() == [[0.7, 0.71], [0.8, 0.82]]
    assert "empty cells of column 'model' taken as the one above" in _said(scores)


def test_merged_families_of_a_wide_table_hold_for_all_rows(tmp_path):
    scores = read(_file(tmp_path, "family,task,a,b\nS,x,.7,.6\n,y,.3,.2\nR,z,.7,.8\n,u,.8,.7\n"))
    assert scores.tasks["family"].tolist() == ["S", "S", "R", "R"]


@pytest.mark.parametrize(
    "text",
    [
        "model,task,score\nbge,t1,.7\n,t2,.8\nbge,t3,.8\n,t1,.7\ne5,t1,.6\n",  # the name comes again: not one block
        "model,task,score\n,t1,.7\nbge,t2,.8\ne5,t1,.7\n",  # the first has none
        "task,a,b\nt1,.1,.2\n,.2,.3\nt3,.3,.4\n",  # nothing else names the row
    ],
)
def test_a_name_that_lacks_is_no_merged_cell(tmp_path, text):
    with pytest.raises(InputError, match="has no name"):
        read(_file(tmp_path, text))


# -- numbers of the rows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("firsts", [("1", "2", "3"), ("🥇", "🥈", "🥉"), ("0", "1", "2")])
@pytest.mark.parametrize("heading", ["#", "Rank", "Place"])
def test_a_place_before_the_models_is_no_task(tmp_path, heading, firsts):
    rows = ["a,.7,.8", "b,.71,.71", "c,.62,.79"]
    text = f"{heading},Model,t1,t2\n" + "".join(f"{n},{row}\n" for n, row in zip(firsts, rows, strict=True))
    assert read(_file(tmp_path, text)).table.loc["t1"].to_dict() == {"a": 0.7, "b": 0.71, "c": 0.62}


# -- means beside their spreads --------------------------------------------------------------------------------------

FRAME = pd.DataFrame({"a": [0.71, 0.8, 0.6], "b": [0.72, 0.81, 0.61]}, index=["t1", "t2", "t3"])


@pytest.mark.parametrize(
    "head", ["{} mean,{} std", "{}_mean,{}_sd", "{} (mean),{} (std)", "mean {},std {}", "{} avg,{} count"]
)
def test_a_mean_beside_its_spread_is_the_score(tmp_path, head):
    heads = ",".join(head.format(m, m) for m in "ab")
    rows = "".join(f"{t},{row.a},.01,{row.b},.02\n" for t, row in FRAME.iterrows())
    scores = read(_file(tmp_path, f"task,{heads}\n{rows}"))
    pd.testing.assert_frame_equal(scores.table, FRAME, check_names=False)
    assert len(scores.provenance["read"]["set_aside"]) == 2


def test_standard_errors_beside_means_are_kept(tmp_path):
    rows = "".join(f"{t},{row.a},.01,{row.b},.02\n" for t, row in FRAME.iterrows())
    scores = read(_file(tmp_path, f"task,a mean,a se,b mean,b se\n{rows}"))
    assert set(scores.cells["stderr"]) == {0.01, 0.02}


def test_what_pandas_makes_of_groups_is_read(tmp_path):
    runs = pd.DataFrame(
        [(m, t, s, FRAME.loc[t, m] + 0.01 * s) for m in "ab" for t in FRAME.index for s in (-1, 0, 1)],
        columns=["model", "task", "seed", "score"],
    )
    summed = runs.groupby(["model", "task"])["score"].agg(["mean", "std", "count"]).reset_index()
    scores = read(_file(tmp_path, summed.to_csv(index=False)))
    pd.testing.assert_frame_equal(scores.table, FRAME, check_names=False)
    assert "scores from column 'mean', not used: std and count" in _said(scores)
    wide = runs.pivot_table(index="task", columns="model", values="score", aggfunc=["mean", "std"])
    pd.testing.assert_frame_equal(read(_file(tmp_path, wide.to_csv())).table, FRAME, check_names=False)


# -- names that come several times -----------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["size", "backbone", "pooling", "Dim"])
def test_what_tells_models_apart_is_part_of_their_names(tmp_path, heading):
    wide = f"model,{heading},t1,t2\nbge,s,.7,.8\nbge,l,.71,.81\ne5,s,.72,.79\n"
    scores = read(_file(tmp_path, wide))
    assert scores.models == ["bge / s", "bge / l", "e5 / s"]
    assert f"models from columns 'model' and '{heading}' together" in _said(scores)
    long = f"model,{heading},task,score\n" + "".join(
        f"{m},{v},{t},{s}\n"
        for m, v, s in (("bge", "s", 0.7), ("bge", "l", 0.71), ("e5", "s", 0.72))
        for t in ("t1", "t2")
    )
    scores = read(_file(tmp_path, long))
    assert scores.models == ["bge / s", "bge / l", "e5 / s"]
    assert "not used" not in _said(scores)


@pytest.mark.parametrize("heading", ["k", "job", "date"])
def test_what_may_tell_runs_apart_is_asked_about(tmp_path, heading):
    rows = [(m, k, t) for m, ks in (("a", (1, 2)), ("b", (3,))) for k in ks for t in ("x", "y")]
    text = f"model,{heading},task,score\n" + "".join(f"{m},{k},{t},{0.1 * k}\n" for m, k, t in rows)
    with pytest.raises(
        InputError,
        match=rf"one for each {heading} \(1 and 2\): keep one, make the {heading} part of the model's name, or",
    ):
        read(_file(tmp_path, text))
    wide = f"model,{heading},x,y\na,run1,.1,.2\na,run2,.2,.3\nb,run3,.4,.1\n"
    with pytest.raises(
        InputError, match=rf"model 'a' is given 2 times, one for each {heading} \(run1 and run2\): keep one"
    ):
        read(_file(tmp_path, wide))


def test_poolings_are_models_and_no_summaries(tmp_path):
    text = "task,bert mean,bert max,bert cls\nx,.41,.52,.63\ny,.72,.33,.51\nz,.55,.64,.38\nu,.61,.49,.57\n"
    found = read(_file(tmp_path, text), models=["*"])
    assert found.models == ["bert mean", "bert max", "bert cls"]


def test_numbers_with_units_are_named(tmp_path):
    with pytest.raises(InputError, match=r"holds '0\.8 ms', which is not a number"):
        read(_file(tmp_path, "task,a,b\nx,0.8 ms,.3\ny,0.9 ms,.4\n"))


WIDE = "task,language,a,b\nSTS22,en,.7,.69\nSTS22,de,.6,.59\nMIRACL,en,.5,.49\nMIRACL,de,.4,.45\n"
LONG = "model,task,language,score\n" + "".join(
    f"{m},{t},{lang},{score[j]}\n"
    for t, lang, *score in (line.split(",") for line in WIDE.splitlines()[1:])
    for j, m in enumerate("ab")
)


@pytest.mark.parametrize("text", [WIDE, LONG], ids=["wide", "long"])
def test_languages_are_rows_or_chosen_as_asked(tmp_path, text):
    path = _file(tmp_path, text)
    with pytest.raises(
        InputError, match=r"one for each language \(en and de\): --unit language makes a row of each; --language NAME"
    ):
        read(path)
    rows = read(path, unit="language")
    assert rows.table.loc["STS22 (de)"].tolist() == [0.6, 0.59]
    assert rows.tasks["group"].tolist() == ["STS22", "STS22", "MIRACL", "MIRACL"]
    one = read(path, language="de")
    assert one.table.to_numpy().tolist() == [[0.6, 0.59], [0.4, 0.45]]
    with pytest.raises(InputError, match=r"no score is of the language 'fr'; there are de and en"):
        read(path, language="fr")


def test_rows_of_one_task_are_one_unit(tmp_path):
    text = "task,language,a,b\n" + "".join(
        f"t{i},{lang},{0.5 + 0.01 * i},{0.4}\n" for i in range(6) for lang in ("en", "de")
    )
    found = embsig.compare(read(_file(tmp_path, text), unit="language"), rng=0)
    assert (found.n_tasks, found.method.n_units) == (12, 6)
    assert found.pairs.loc[0, "pvalue_adjusted"] == pytest.approx(2 / 2**6)


@pytest.mark.parametrize("how", [{"unit": "language"}, {}])
def test_units_survive_writing(tmp_path, how):
    rows = [(f"t{i}", lang) if how else (f"t{i}-{lang}", f"g{i}") for i in range(4) for lang in ("en", "de")]
    text = f"task,{'language' if how else 'group'},a,b\n" + "".join(f"{task},{said},.5,.4\n" for task, said in rows)
    scores = read(_file(tmp_path, text), **how)
    scores.to_csv(tmp_path / "long.csv", long=True)
    again = read(tmp_path / "long.csv")
    assert again.tasks["group"].loc[scores.task_names].tolist() == scores.tasks["group"].tolist()
    plain = read(_file(tmp_path, "task,a,b\nSTS12,.5,.6\nSTS13,.6,.5\n"))
    assert list(plain.to_frame(long=True)) == ["model", "task", "family", "score"]


@pytest.mark.parametrize("how", [{"unit": "subset"}, {"unit": "language"}, {"language": "en"}])
def test_units_that_the_table_does_not_have_are_refused(tmp_path, how):
    with pytest.raises(InputError, match=r"needs a column that says which (subset|language) a score is of"):
        read(_file(tmp_path, "task,a,b\nt1,.1,.2\nt2,.2,.3\n"), **how)


def test_a_task_given_twice_names_what_tells_it_apart(tmp_path):
    with pytest.raises(
        InputError, match=r"task 'x' is given 2 times, one for each k \(1-shot and 5-shot\): keep one, make the k part"
    ):
        read(_file(tmp_path, "task,k,a,b\nx,1-shot,.1,.2\nx,5-shot,.2,.3\n"))


# -- means over runs -------------------------------------------------------------------------------------------------


def test_means_over_prompts_are_said(tmp_path):
    rows = [(m, t, p, s) for m in "ab" for t in "xyz" for p in ("none", "query: ") for s in (0, 1)]
    one = "model,task,prompt,score\n" + "".join(f"{m},{t},{p},.5\n" for m, t, p, s in rows if s)
    assert "scores are means of 2 prompts, each kept" in _said(read(_file(tmp_path, one)))
    both = "model,task,prompt,seed,score\n" + "".join(f"{m},{t},{p},{s},.5\n" for m, t, p, s in rows)
    assert "scores are means of 2 seeds and 2 prompts, each kept" in _said(read(_file(tmp_path, both)))


def test_unequal_numbers_of_seeds_are_said(tmp_path):
    text = "model,task,seed,score\na,x,0,.5\na,x,1,.6\na,y,0,.5\nb,x,0,.4\nb,y,0,.45\n"
    scores = read(_file(tmp_path, text))
    assert scores.table["a"].tolist() == [0.55, 0.5]
    assert "means of 1 to 2 seeds" in _said(scores)


def test_folds_alone_are_no_tasks(tmp_path):
    path = _file(tmp_path, "fold,a,b\n1,.5,.6\n2,.52,.61\n3,.3,.4\n")
    with pytest.raises(InputError, match=r"rows are headed 'fold': are they runs of one task\?.*--rows tasks"):
        read(path)
    assert read(path, rows="tasks").n_tasks == 3


def test_a_heading_that_comes_again_is_no_row(tmp_path):
    scores = read(_file(tmp_path, "task,a,b\nt1,.1,.2\ntask,a,b\nt2,.3,.4\n"))
    assert scores.task_names == ["t1", "t2"]
    assert "the heading comes 2 times" in _said(scores)


def test_metrics_of_one_data_set_are_no_independent_tasks(tmp_path):
    text = "model,MRR@10,Recall@1000,nDCG@10\nbm25,.18,.85,.23\ndense,.33,.95,.39\n"
    assert "all tasks are named as metrics" in _said(read(_file(tmp_path, text)))
    others = "dataset,a,b\nLibri WER,2.1,3.4\nCV WER,9.1,12\n"
    assert "named as metrics" not in _said(read(_file(tmp_path, others)))


@pytest.mark.parametrize("values", [(".03", ".2", ".001"), ("<0.001", "0.2", "1e-5")])
def test_a_column_p_beside_models_holds_p_values(tmp_path, values):
    rows = zip(("t1", "t2", "t3"), (71, 80, 60), (72, 79, 61), values, strict=True)
    text = "task,base,new,p\n" + "".join(f"{t},{a}.0,{b}.5,{p}\n" for t, a, b, p in rows)
    assert read(_file(tmp_path, text)).models == ["base", "new"]
    assert read(_file(tmp_path, "task,p,q,r\nt1,.1,.2,.3\nt2,.2,.3,.1\n")).models == ["p", "q", "r"]


def test_a_name_is_without_what_only_makes_a_picture(tmp_path):
    with pytest.raises(InputError, match=r"--task '!Average'"):
        read(_file(tmp_path, "Model,Average ⬆\ufe0f,t1,t2\na,52,80,60\nb,41,79,62\nc,40,78,61\n"))
    assert read(_file(tmp_path, "Model,Libri (WER ↓),SST2 (Acc ↑)\na,2,93\nb,3,95\n")).task_names == [
        "Libri (WER)",
        "SST2 (Acc)",
    ]


# -- answers as words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("yes", "no"), [("correct", "incorrect"), ("✓", "✗"), ("Yes", "No"), ("PASS", "FAIL")])
def test_right_and_wrong_in_words_are_ones_and_zeros(tmp_path, yes, no):
    text = "item,bert,e5\n" + "".join(f"{i},{yes if i % 2 else no},{yes if i % 3 else no}\n" for i in range(12))
    items = read(_file(tmp_path, text))
    assert "read as a table of items" in _said(items)
    assert items.items().table["bert"].tolist() == [0, 1] * 6
    long = "model,item,correct\n" + "".join(f"{m},{i},{yes if i % 2 else no}\n" for i in range(12) for m in "ab")
    assert read(_file(tmp_path, long)).items().table["b"].tolist() == [0, 1] * 6


def test_words_beside_numbers_describe(tmp_path):
    scores = read(_file(tmp_path, "model,open,STS12,STS13\na,yes,.5,.6\nb,no,.4,.5\n"))
    assert scores.provenance["read"]["set_aside"] == {"column open": "no scores"}
    scores = read(_file(tmp_path, "task,a,b\nx,fail,.5\ny,.4,.5\nz,.3,.2\n"))
    assert np.isnan(scores.table.loc["x", "a"])


@pytest.mark.parametrize("nested", [{"STS12": {"a": 0.5, "b": 0.6}, "STS13": {"a": 0.4, "b": 0.7}}])
def test_nested_json_by_tasks_is_known_by_their_names(tmp_path, nested):
    import json

    scores = read(_file(tmp_path, json.dumps(nested), "s.json"))
    assert scores.table.to_dict("index") == nested
    deep = {t: {m: {"f1": x, "accuracy": x + 0.1} for m, x in of.items()} for t, of in nested.items()}
    assert read(_file(tmp_path, json.dumps(deep), "d.json"), metric="f1").table.to_dict("index") == nested
