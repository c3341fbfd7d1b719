"""Situations from public reports: tables that were read wrongly, or not at all, each with what is right."""

import io
import json

import numpy as np
import pandas as pd
import pytest

import embsig
from bench import read
from stats.common.errors import InputError

from .layouts import FORMATS, MODELS, TASKS, TRUE, excel, grid


def _file(tmp_path, text, name="s.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _sentence(scores):
    return scores.provenance["read"]["sentence"]


# -- averages and ranks among the tasks (mteb#1721, #1809) -----------------------------------------------------------

AVERAGES = """Task,acme/embed-large,acme/embed-small,delta/text-v2,orion/e-mistral,zeta/mini
STS12,0.5702,0.5103,0.5396,0.5598,0.4969
STS13,0.7053,0.6696,0.6773,0.7079,0.6579
STS14,0.7302,0.6824,0.7253,0.7426,0.6676
SciFact,0.5017,0.4659,0.4772,0.5036,0.4619
NFCorpus,0.5699,0.5164,0.5302,0.5738,0.5178
ArguAna,0.8677,0.8378,0.8638,0.8788,0.8115
Banking77Classification,0.5323,0.4911,0.5214,0.5228,0.4702
ImdbClassification,0.5419,0.4911,0.5334,0.5682,0.493
BiorxivClusteringP2P.v2,0.896,0.8492,0.8669,0.8942,0.8408
AskUbuntuDupQuestions,0.7328,0.7161,0.736,0.7375,0.7029
Average,0.6648,0.623,0.6471,0.6689,0.612
Avg. rank,1.8,4.2,2.9,1.3,4.8
"""


def test_an_average_and_a_rank_are_no_tasks(tmp_path):
    found = embsig.compare(_file(tmp_path, AVERAGES))
    assert found.n_tasks == 10
    pairs = embsig.wilcoxon(found.scores).to_frame().set_index(["model_a", "model_b"])["pvalue"]
    p = pairs.get(("orion/e-mistral", "acme/embed-large"), pairs.get(("acme/embed-large", "orion/e-mistral")))
    assert p == pytest.approx(0.193359375, abs=1e-12)
    assert int((embsig.adjust(pairs.to_numpy(), method="holm") < 0.05).sum()) == 9
    said = found.to_dict()["read"]
    assert said["set_aside"] == {"row Average": "mean of the 10 others", "row Avg. rank": "mean rank of the others"}
    assert said["sentence"].startswith(
        "read as 10 tasks x 5 models, wide, scores as fractions; set aside: row Average (mean of"
    )


def test_three_models_of_which_one_is_another_s_mean_are_kept(tmp_path):
    scores = read(_file(tmp_path, "task,a,b,c\nt1,.1,.3,.2\nt2,.4,.6,.5\nt3,.2,.8,.5\nt4,.3,.4,.35\n"))
    assert scores.models == ["a", "b", "c"]


def test_equal_rows_are_no_means_of_each_other(tmp_path):
    assert read(_file(tmp_path, "task,a,b\n" + "".join(f"t{i},.5,.6\n" for i in range(6)))).n_tasks == 6


def test_a_model_of_a_hub_is_no_average_by_its_name(tmp_path):
    models = ["Mihaiii/gte-micro", "castorini/rank_zephyr", "gte-micro", "other"]
    path = _file(tmp_path, f"task,{','.join(models)}\nt1,.1,.3,.2,.9\nt2,.4,.6,.5,.7\nt3,.2,.8,.5,.6\n")
    assert read(path).models == models


# -- the wrong way round (scipy#13307) -------------------------------------------------------------------------------


def test_a_transposed_table_is_told(tmp_path):
    wide = "task," + ",".join(TASKS) + "\n" + "".join(f"{m}," + ",".join(map(str, TRUE[m])) + "\n" for m in MODELS)
    path = _file(tmp_path, wide)
    with pytest.raises(InputError, match=r"headed 'task'.* 6 of 6 columns are known tasks .*--rows models"):
        read(path)
    assert read(path, rows="models").task_names == TASKS
    unnamed = _file(tmp_path, wide.removeprefix("task"), "unnamed.csv")
    assert read(unnamed).task_names == TASKS
    with pytest.raises(InputError, match="--rows models"):
        read(unnamed, rows="tasks")


def test_a_transposed_frame_is_told():
    with pytest.raises(InputError, match=r"frame\.T"):
        embsig.compare(TRUE.T)
    with pytest.raises(InputError, match="columns are named 'task'"):
        embsig.wilcoxon(pd.DataFrame(np.eye(3), columns=pd.Index(list("xyz"), name="task"), index=list("abc")))
    named = TRUE.rename_axis(index="task", columns="model")
    assert embsig.compare(named.T).scores.task_names == TASKS  # by its names it is the right way round


# -- directions (mlr3benchmark#29, aeon#2343) ------------------------------------------------------------------------

DIRECTIONS = "task,good,bad\nppl-wiki,12.1,18.4\nrmse-sts,.42,.61\nacc-imdb,.91,.85\nndcg-scifact,.7,.61\nwer-libri,.05,.11\nf1-squad,.88,.8\n"
METRICS = ["perplexity", "rmse", "accuracy", "ndcg_at_10", "wer", "f1"]


def _long():
    lines = [line.split(",") for line in DIRECTIONS.splitlines()]
    rows = [
        f"{t},{m},{s},{metric}"
        for (t, *scores), metric in zip(lines[1:], METRICS, strict=True)
        for m, s in zip(("good", "bad"), scores, strict=True)
    ]
    return "task,model,score,metric\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize("text", [DIRECTIONS, _long()], ids=["by the tasks' names", "by a metric column"])
def test_errors_beside_accuracies_are_turned(tmp_path, text):
    found = embsig.compare(_file(tmp_path, text))
    assert found.pairs.loc[0, ["model_a", "pvalue", "win"]].tolist() == ["good", 0.03125, 6]
    assert found.to_dict()["read"]["turned"] == ["ppl-wiki", "rmse-sts", "wer-libri"]
    assert "lower is better: ppl-wiki, rmse-sts and wer-libri" in found.to_dict()["read"]["sentence"]


def test_what_is_negative_was_turned_by_somebody(tmp_path):
    signed = "task,good,bad\nrmse-sts,-.42,-.61\nacc,.91,.85\n"
    scores = read(_file(tmp_path, signed))
    assert scores.turned == []
    assert "turned already" in _sentence(scores)


SIGNED = "task,good,bad\nrmse-sts,-.42,-.61\nacc-a,.91,.85\nacc-b,.7,.61\nwer-x,-.05,-.11\nacc-c,.88,.8\nacc-d,.5,.4\n"


@pytest.mark.parametrize("text", [DIRECTIONS, SIGNED], ids=["turned here", "turned before"])
def test_no_mean_over_both_directions(tmp_path, text):
    path = _file(tmp_path, text)
    found = embsig.compare(path)
    assert found.ranks[["mean", "mean_low", "mean_high"]].isna().all(axis=None)
    said = " ".join(found.conclusions)
    assert "no mean score" in said
    assert "--task or --family" in said
    assert ", mean +" not in said
    assert found.pairs.loc[0, ["model_a", "pvalue", "win"]].tolist() == ["good", 0.03125, 6]  # 2 / 2**6
    with pytest.raises(InputError, match=r"lower is better on (ppl-wiki|rmse-sts)"):
        embsig.compare(path, test="paired-t")


def test_losses_alone_have_a_mean(tmp_path):
    found = embsig.compare(_file(tmp_path, "task,a,b\nrmse-x,-.4,-.6\nrmse-y,-.2,-.3\nwer-z,-.3,-.6\n"))
    assert found.ranks["mean"].round(6).tolist() == [-0.3, -0.5]


def test_direction_by_option(tmp_path):
    path = _file(tmp_path, "task,a,b\nx,.1,.2\ny,.3,.4\nz,.5,.7\n")
    assert read(path, direction="x=lower").turned == ["x"]
    assert read(path, direction={"[xy]": "lower"}).turned == ["x", "y"]
    assert read(path, direction="*=lower").higher_is_better is False
    with pytest.raises(InputError, match="no task of this name"):
        read(path, direction="w=lower")
    with pytest.raises(InputError, match="expected TASK=lower or TASK=higher"):
        read(path, direction="x=down")


def test_turned_scores_survive_writing(tmp_path):
    scores = read(_file(tmp_path, DIRECTIONS))
    scores.to_csv(tmp_path / "long.csv", long=True)
    scores.to_parquet(tmp_path / "s.parquet")
    for name in ("long.csv", "s.parquet"):
        again = read(tmp_path / name)
        pd.testing.assert_frame_equal(again.table.loc[scores.task_names, scores.models], scores.table)
        assert again.turned == scores.turned


# -- decimal commas, thousands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("task;a;b\nt1;0,5702;0,5103\nt2;0,7053;0,6696\n", 0.5702),
        ('task,a,b\nt1,"0,5702","0,5103"\nt2,"0,7053","0,6696"\n', 0.5702),
        ('task,a,b\nt1,"5,702.0","5,103.0"\nt2,"7,053.0","6,696.0"\n', 5702.0),
        ("task;a;b\nt1;1.234,5;0,5103\nt2;0,7053;0,6696\n", 1234.5),
        ("task;a;b\nt1;0.5702;0.5103\nt2;0.7053;0.6696\n", 0.5702),
        ("task\ta\tb\nt1\t5 702,5\t0,5\nt2\t1,5\t0,7\n", 5702.5),
    ],
)
def test_numbers_of_other_countries(tmp_path, text, first):
    assert read(_file(tmp_path, text)).table.iloc[0, 0] == first


def test_a_comma_that_may_be_either_is_asked_about(tmp_path):
    path = _file(tmp_path, 'task,a,b\nt1,"5,702","5,103"\nt2,"7,053","6,696"\n')
    with pytest.raises(InputError, match=r"--decimal , or --decimal \. decides"):
        read(path)
    assert read(path, decimal=",").table.iloc[0, 0] == 5.702
    assert read(path, decimal=".").table.iloc[0, 0] == 5702


# -- headings and forms of other tools -------------------------------------------------------------------------------


def test_mteb_s_own_frames(tmp_path):
    wide = ",task_name,is_public,newco/a,oldco/t\n0,STSBenchmark,True,0.85,0.84\n1,SciDocsRR,True,0.81,\n"
    scores = read(_file(tmp_path, wide))
    assert (scores.models, scores.task_names) == (["newco/a", "oldco/t"], ["STSBenchmark", "SciDocsRR"])
    long = "model_name,task_name,is_public,score\na,STSBenchmark,True,0.85\nb,STSBenchmark,True,0.84\na,SciDocsRR,True,0.81\nb,SciDocsRR,True,\n"
    scores = read(_file(tmp_path, long))
    assert scores.table.loc["STSBenchmark"].tolist() == [0.85, 0.84]
    assert np.isnan(scores.table.loc["SciDocsRR", "b"])


def test_a_leaderboard_s_summary(tmp_path):
    text = (
        "Rank (Borda),Model,Zero-shot,Embedding Dimensions,Max Tokens,Mean (Task),Mean (TaskType),Classification,Retrieval,STS\n"
        "2,[embed-large](https://hf.co/acme/embed-large),95%,1024,8192,66.48,65.48,53.71,64.64,66.86\n"
        "3,[mini](https://hf.co/zeta/mini),NA,384,512,61.2,60.2,48.16,59.71,60.75\n"
    )
    scores = read(_file(tmp_path, text))
    assert (scores.models, scores.task_names) == (["embed-large", "mini"], ["Classification", "Retrieval", "STS"])
    assert "tests over tasks need the per-task scores" in _sentence(scores)


def test_aeon_s_files_are_folds_of_one_model_each(tmp_path):
    for name, plus in (("Rocket", 0.1), ("DTW", 0.0)):
        _file(
            tmp_path,
            "folds:,0,1,2\n" + "".join(f"UCR{i},{0.5 + plus},{0.6 + plus},{0.7 + plus}\n" for i in range(3)),
            f"{name}_accuracy.csv",
        )
    scores = read(str(tmp_path / "*_accuracy.csv"))
    assert scores.models == ["DTW", "Rocket"]
    assert scores.table.loc["UCR0"].tolist() == pytest.approx([0.6, 0.7])
    assert "scores are means of 3 folds, each kept" in _sentence(scores)
    assert scores.cells["seed_scores"].iloc[0] == (0.5, 0.6, 0.7)


def test_scikit_posthocs_melted_blocks(tmp_path):
    frame = pd.DataFrame({"blocks": [1, 1, 2, 2], "groups": ["a", "b"] * 2, "y": [0.5, 0.6, 0.7, 0.9]})
    assert read(frame).table.loc["2"].tolist() == [0.7, 0.9]


def test_autorank_s_frame():
    frame = pd.DataFrame({"Tree": [0.5, 0.6, 0.9], "Forest": [0.6, 0.65, 0.8]})
    assert read(frame).models == ["Tree", "Forest"]


def test_truth_values_are_ones_and_zeros(tmp_path):
    scores = read(_file(tmp_path, "doc,base,tuned\nd1,False,True\nd2,True,False\n".replace("doc,", "task,")))
    assert scores.table.to_numpy().tolist() == [[0, 1], [1, 0]]


def test_a_name_of_mteb_s_in_another_table_gets_no_family(tmp_path):
    scores = read(_file(tmp_path, "task,a,b\nBBQ,.3,.4\nMMLU,.4,.5\nNQ,.3,.2\nWMT,.1,.2\n"))
    assert scores.families == []
    assert "NQ has the name of an MTEB task" in _sentence(scores)


# -- runs, metrics, several sources ----------------------------------------------------------------------------------


def test_seeds_in_names_are_proposed_and_folded_when_asked(tmp_path):
    path = _file(tmp_path, "task,bert_seed0,bert_seed1,sif_seed0,sif_seed1\nt1,.5,.7,.1,.3\nt2,.4,.4,.2,.2\n")
    scores = read(path)
    assert scores.n_models == 4
    assert "--seeds-from-names" in _sentence(scores)
    folded = read(path, seeds_from_names=True)
    assert folded.models == ["bert", "sif"]
    assert folded.table.loc["t1"].tolist() == pytest.approx([0.6, 0.2])
    assert folded.cells["seed_scores"].iloc[0] == (0.5, 0.7)


def test_two_metrics_are_asked_about(tmp_path):
    rows = [(m, t, metric, s) for m, s in (("a", 0.5), ("b", 0.6)) for t in ("x", "y") for metric in ("f1", "accuracy")]
    path = _file(tmp_path, "model,task,metric,score\n" + "".join(",".join(map(str, r)) + "\n" for r in rows))
    with pytest.raises(InputError, match=r"2 metrics .*--metric 'f1'"):
        read(path)
    assert read(path, metric="accuracy").tasks["metric"].tolist() == ["accuracy"] * 2


def test_the_benchmark_s_main_metric_is_taken_and_said(tmp_path):
    rows = [
        ("a", "SciFact", "ndcg_at_10", 0.5),
        ("a", "SciFact", "map_at_10", 0.4),
        ("b", "SciFact", "ndcg_at_10", 0.6),
        ("b", "SciFact", "map_at_10", 0.3),
    ]
    scores = read(_file(tmp_path, "model,task,metric,score\n" + "".join(",".join(map(str, r)) + "\n" for r in rows)))
    assert scores.table.loc["SciFact"].tolist() == [0.5, 0.6]
    assert "main metric" in _sentence(scores)


def test_several_sources_are_merged_and_must_agree(tmp_path):
    one, two = (
        _file(tmp_path, "task,a\nt1,.5\nt2,.6\n", "one.csv"),
        _file(tmp_path, "task,b\nt1,.7\nt2,.8\n", "two.csv"),
    )
    assert read([one, two]).table.loc["t2"].tolist() == [0.6, 0.8]
    other = _file(tmp_path, "task,a\nt1,.9\n", "other.csv")
    with pytest.raises(InputError, match=r"0\.5 on task 't1' in .*one\.csv and 0\.9 in .*other\.csv"):
        read([one, other])


def test_of_several_sheets_one_is_asked_for(tmp_path):
    path = _file(tmp_path, excel(grid("rows are tasks", "fractions", "none"), ("main", "old")), "s.xlsx")
    with pytest.raises(InputError, match=r"2 tables .*--sheet 'main'"):
        read(path)
    assert read(path, sheet="old").task_names == TASKS


def test_nested_json_and_standard_input(tmp_path, monkeypatch):
    content = json.dumps({m: TRUE[m].to_dict() for m in MODELS}).encode()
    pd.testing.assert_frame_equal(read(_file(tmp_path, content, "s.json")).table, TRUE, check_names=False)

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read("-").task_names == TASKS


@pytest.mark.parametrize("ending", [e for e in FORMATS if e.startswith(".")])
def test_what_was_written_twice_is_one_table(tmp_path, ending):
    path = _file(tmp_path, FORMATS[ending](grid("long", "fractions", "none")), f"s{ending}")
    assert read([path, path]).n_tasks == 6


def test_means_over_both_directions_are_refused_and_ranks_are_not(tmp_path):
    path = _file(tmp_path, DIRECTIONS)
    found = embsig.compare(path, test="wilcoxon")
    assert found.ranks["mean"].isna().all()
    assert found.ranks["mean_rank"].tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match=r"compares mean scores, .*--test wilcoxon"):
        embsig.compare(path, test="paired-t")


# -- what pandas writes with a named index ---------------------------------------------------------------------------

WRITTEN = {
    "html": lambda f: f.to_html(),
    "tex": lambda f: f.to_latex(),
    "txt": lambda f: f.to_string(),
    "csv": lambda f: f.to_csv(),
    "md": lambda f: f.to_markdown(),
}


@pytest.mark.parametrize("columns", [None, "model", "Method"])
@pytest.mark.parametrize("index", ["task", "Dataset"])
@pytest.mark.parametrize("ending", WRITTEN)
def test_a_named_index_is_no_row(tmp_path, ending, index, columns):
    if ending == "md":
        pytest.importorskip("tabulate")
    frame = TRUE.rename_axis(index=index, columns=columns)
    scores = read(_file(tmp_path, WRITTEN[ending](frame), f"s.{ending}"))
    pd.testing.assert_frame_equal(scores.table, TRUE, check_names=False)
    turned = read(
        _file(tmp_path, WRITTEN[ending](frame.rename_axis(columns=None).T.rename_axis("model")), f"t.{ending}")
    )
    pd.testing.assert_frame_equal(turned.table, TRUE, check_names=False)


def test_a_first_task_without_a_score_is_a_task(tmp_path):
    scores = read(_file(tmp_path, "task,a,b\nSTS12,,\nSTS13,.5,.6\nSTS14,.4,.7\n"))
    assert scores.task_names == ["STS12", "STS13", "STS14"]


# -- a folder of one file a model ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["json", "csv", "records.json", "tsv"])
def test_a_folder_of_one_file_a_model(tmp_path, ending):
    for model in ("bert", "e5"):
        column = TRUE[MODELS[len(model) - 2 > 0]]
        text = {
            "json": json.dumps(column.to_dict()),
            "csv": column.rename("score").rename_axis("task").to_csv(),
            "tsv": column.rename("accuracy").rename_axis("dataset").to_csv(sep="\t"),
            "records.json": json.dumps([{"model": model, "task": t, "score": x} for t, x in column.items()]),
        }[ending]
        _file(tmp_path, text, f"{model}.{ending}")
    (tmp_path / "README.md").write_text("# Scores\n")
    scores = read(tmp_path)
    assert set(scores.models) == {"bert", "e5"}
    assert scores.task_names == TASKS
    assert scores.table["e5"].tolist() == TRUE[MODELS[0]].tolist()


def test_a_folder_of_other_json_is_no_folder_of_tables(tmp_path):
    _file(tmp_path, json.dumps({"architectures": ["BertModel"], "hidden_size": 8}), "config.json")
    with pytest.raises(InputError, match="holds no MTEB results"):
        read(tmp_path)


# -- said, where it is not clear -------------------------------------------------------------------------------------


def test_names_that_differ_in_case_alone_are_said(tmp_path):
    assert "models 'A' and 'a' differ in case alone, taken as 2" in _sentence(
        read(_file(tmp_path, "task,A,a\nx,.1,.2\n"))
    )


def test_folds_are_called_folds(tmp_path):
    rows = [
        f"{m},d{i},{k},{0.5 + 0.01 * i * k + s}" for m, s in (("a", 0), ("b", 0.1)) for i in range(6) for k in range(3)
    ]
    path = _file(tmp_path, "classifier,dataset,fold,accuracy\n" + "\n".join(rows) + "\n")
    said = " ".join(embsig.compare(path, rng=0).conclusions)
    assert "Over other folds of these same tasks" in said
    assert "3 folds a model" in said
    assert "seed" not in said


SCALES = "task,net,tree,linear\nds1,.001,.002,.003\nds2,.02,.03,.05\nds3,400,500,800\nds4,30,44,50\nds5,.5,.6,.7\nds6,9,11,12\n"


def test_no_mean_over_different_scales(tmp_path):
    path = _file(tmp_path, SCALES)
    found = embsig.compare(path, rng=0)
    assert found.ranks[["mean", "mean_low", "mean_high"]].isna().all(axis=None)
    assert found.ranks["mean_rank"].tolist() == [1.0, 2.0, 3.0]
    assert "no mean score, as the tasks are on different scales" in " ".join(found.conclusions)
    with pytest.raises(InputError, match=r"on another scale than the others.*--test wilcoxon.*--task '!ds"):
        embsig.compare(path, test="paired-t")


def test_what_was_turned_by_somebody_survives_parquet(tmp_path):
    scores = read(_file(tmp_path, SIGNED))
    assert scores.signed == ["rmse-sts", "wer-x"]
    scores.to_parquet(tmp_path / "s.parquet")
    again = read(tmp_path / "s.parquet")
    assert (again.signed, again.two_directions) == (scores.signed, scores.two_directions)


def test_one_model_left_names_the_policy_that_keeps_two(tmp_path):
    path = _file(tmp_path, "task,a,b\nx,.1,.2\ny,.3,\nz,.4,.6\nv,.5,.4\n")
    with pytest.raises(InputError, match=r"b was left out \(no score on y\); --missing tasks compares on"):
        embsig.compare(path)
    assert embsig.compare(path, missing="tasks", rng=0).n_tasks == 3


def test_models_with_the_same_scores_have_no_difference_to_test():
    frame = pd.DataFrame({m: [0.1 * i for i in range(1, 9)] for m in "abc"}, index=[f"t{i}" for i in range(8)])
    assert (
        embsig.compare(frame, rng=0).warnings[0]
        == "The models have the same scores on 8 tasks: there is no difference to test."
    )


def test_a_median_amid_ties_is_said(tmp_path):
    rows = [f"d{i},{int(i < 40)},{int(i < 40 or i > 90)}" for i in range(100)] + ["d100,1,0"]
    found = embsig.compare(_file(tmp_path, "doc,a,b\n" + "\n".join(rows) + "\n"), test="wilcoxon", rng=0)
    assert "tie on 91 of 101" in found.warnings[0]
    assert "--test sign" in found.warnings[0]


def test_functions_of_scores_read_a_frame_as_compare_does(tmp_path):
    frame = pd.read_csv(_file(tmp_path, AVERAGES))
    with pytest.warns(UserWarning, match=r"set aside: row Average \(mean of the 10 others\), row Avg\. rank"):
        found = embsig.wilcoxon(frame)
    assert set(found.to_frame()["n"]) == {10}


def test_judgements_among_the_runs_are_told(tmp_path):
    run = _file(tmp_path, "q1 Q0 d1 1 9.5 bm25\nq1 Q0 d2 2 8.5 bm25\n", "bm25.run")
    qrels = _file(tmp_path, "q1 0 d1 1\n", "qrels.txt")
    with pytest.raises(InputError, match=r"qrels\.txt holds relevance judgements: give it as --qrels .*qrels\.txt"):
        read([run, qrels])
