"""Options and outputs as they should not be, of every command."""

import pytest


def good(m):
    return m.scores()


# fmt: off
REFUSED = {
    # -- compare, report and plot read and analyse alike ------------------------------------------------------
    **{f"alpha of {a}": (good, f"compare {{}} --alpha={a}", "alpha") for a in ("0", "1", "-1", "2", "nan", "inf", "-inf", "5%", "0,05", "''")},
    **{f"{c}: alpha of nan": (good, f"{c} --alpha=nan", "alpha=nan: expected a number strictly between 0 and 1") for c in ("report {}", "plot forest {}")},
    "a test misspelt": (good, "compare {} --test wilcoxn", "did you mean 'wilcoxon'?"),
    "a test in capitals": (good, "compare {} --test Nemenyi", "did you mean 'nemenyi'?"),
    "no such test": (good, "compare {} --test chi2", "expected one of wilcoxon"),
    "a correction misspelt": (good, "compare {} --correction hom", "did you mean 'holm'?"),
    "no such correction": (good, "compare {} --correction xyz", "expected one of none, bonferroni"),
    "romano-wolf of wilcoxon": (good, "compare {} --correction romano-wolf", "use test='bootstrap'"),
    "bonferroni-dunn without a control": (good, "compare {} --test bonferroni-dunn", "name one"),
    "shaffer with a control": (good, "compare {} --correction shaffer --control a", "use 'holm'"),
    "conover with a control": (good, "compare {} --test conover --control a", "all pairs"),
    "an unknown control": (good, "compare {} --control A", "control 'A'"),
    "a control that was not chosen": (good, "compare {} --model a --model b --control c", "control 'c'"),
    "an unknown model": (good, "compare {} --model z", "no model matches 'z'"),
    "a model almost": (lambda m: m.table("t,.1,.2", "u,.1,.2", head="task,org/small,org/large"), "compare {} --model org/larg", "org/large"),
    "an unknown task": (good, "compare {} --task z", "no task matches 'z'"),
    "an unknown family": (good, "compare {} --family STS", "'STS'"),
    "a family almost": (lambda m: m.table("a,t,.1,STS", "b,t,.2,STS", head="model,task,score,family"), "compare {} --family SST", "STS"),
    "an unknown benchmark": (good, "compare {} --benchmark 'MTEB(eng, v9)'", "did you mean 'MTEB(eng, v"),
    "an empty benchmark": (good, "compare {} --benchmark ''", "benchmark ''"),
    "a benchmark of other tasks": (good, "compare {} --benchmark 'MTEB(eng, v2)'", "no task of MTEB(eng, v2)"),
    "one model chosen": (good, "compare {} --model a", "got 1 model"),
    "one task chosen": (good, "compare {} --task t1", "got 1 task"),
    **{f"top {k}": (good, f"compare {{}} --top={k}", "top") for k in ("0", "1", "-3", "nan", "two")},
    **{f"resamples {k}": (good, f"compare {{}} --resamples={k}", "resamples") for k in ("0", "-1", "1.5", "many")},
    **{f"seed {k}": (good, f"compare {{}} --seed={k}", "seed") for k in ("-1", "x", "1.5")},
    **{f"rope {k}": (good, f"compare {{}} --test bayes --rope={k}", "rope") for k in ("-1", "nan", "inf", "x")},
    **{f"effect {k}": (good, f"compare {{}} --effect={k}", "effect") for k in ("0", "-1", "nan", "inf", "x")},
    "no such interval": (good, "compare {} --interval exact", "'exact'"),
    "no such zero method": (good, "compare {} --zero-method drop", "'drop'"),
    "no such level": (good, "compare {} --level words", "'words'"),
    "no such policy": (good, "compare {} --missing drop", "'drop'"),
    "no such format": (good, "compare {} --format yaml", "'yaml'"),
    "no such table": (good, "compare {} --format csv --table all", "'all'"),
    **{
        f"{option} misspelt": (good, f"{command} {{}} {option} {given}", f"did you mean '{meant}'?")
        for command, option, given, meant in (
            ("compare", "--format", "jsno", "json"), ("compare", "--format", "latx", "latex"), ("audit", "--format", "jsom", "json"),
            ("compare", "--missing", "task", "tasks"), ("compare", "--missing", "kep", "keep"), ("compare", "--level", "sample", "samples"),
            ("compare", "--alternative", "greter", "greater"), ("compare", "--alternative", "two_sided", "two-sided"),
            ("compare", "--statistic", "family-mean", "family_mean"), ("compare", "--interval", "symetric", "symmetric"),
            ("compare", "--zero-method", "prat", "pratt"), ("compare", "--rows", "task", "tasks"), ("scores", "--rows", "model", "models"),
            ("report", "--level", "smaples", "samples"), ("plot forest", "--missing", "tsks", "tasks"), ("compare --format csv", "--table", "pair", "pairs"),
        )
    },
    **{f"{option} in capitals": (good, f"compare {{}} {option} {given}", "did you mean") for option, given in (("--format", "JSON"), ("--missing", "Tasks"), ("--level", "BOTH"))},
    **{f"{option} of nothing": (good, f"compare {{}} {option} ''", "expected one of") for option in ("--format", "--missing", "--level", "--test", "--correction", "--alternative", "--interval")},
    "no such option": (good, "compare {} --frobnicate", "--frobnicate"),
    "no such command": (good, "comparee {}", "comparee"),
    "no source": (good, "compare", "SOURCE"),
    # -- plot -------------------------------------------------------------------------------------------------
    "no such figure": (good, "plot pie {} -o f.svg", "unknown kind of figure 'pie'"),
    "a figure misspelt": (good, "plot critical-diference {} -o f.svg", "did you mean 'critical-difference'?"),
    "a figure without an ending": (good, "plot forest {} -o figure", "expected a file that ends in"),
    "a figure of another ending": (good, "plot forest {} -o figure.jpeg", "expected a file that ends in"),
    "TeX of a forest": (good, "plot forest {} -o f.tex", "tex: critical-difference only"),
    "design effects without a design": (good, "plot design-effects {} -o f.svg", "design"),
    "families without families": (good, "plot family-profile {} -o f.svg", "famil"),
    # -- outputs ----------------------------------------------------------------------------------------------
    **{
        f"{command.split()[0]}: {what}": (good, f"{command} -o {place}", expected)
        for command, ending in (("scores {}", "csv"), ("audit {}", "txt"), ("compare {} --resamples 99", "txt"), ("report {} --resamples 99", "html"), ("plot forest {} --resamples 99", "svg"))
        for what, place, expected in (
            ("a folder that is not there", f"absent/out.{ending}", "cannot write"),
            ("a folder", "@" if ending != "svg" else "@/../here", "expected a file that ends in" if ending == "svg" else "cannot write"),
            ("a file as a folder", f"@/scores.csv/out.{ending}", "cannot write"),
            ("a place without permission", f"/proc/out.{ending}", "cannot write"),
        )
    },
    **{
        f"{command.split()[0]} into {name}": (good, f"{command} -o {name}", expected)
        for command, expected, names in (
            ("report {}", "embsig report writes HTML; give a name that ends in .html", "x.pdf x.json x.csv x.md x.tex x.svg x.docx x.parquet x.html.gz"),
            ("scores {}", "embsig scores writes CSV or Parquet; give a name that ends in .csv or .parquet", "x.xlsx x.json x.tsv x.html x.pdf x.parquet.gz x.json.gz"),
            ("audit {}", "embsig audit writes text or JSON; give a name that ends in .txt or .json", "x.html x.csv x.pdf x.json.gz x.JSONL"),
            ("audit {} --format json", "--format json writes JSON; give a name that ends in .json", "x.csv x.md"),
            ("audit {} --format text", "--format text writes text; give a name that ends in .txt", "x.json"),
            ("compare {}", "embsig compare writes text, JSON, CSV, Markdown or LaTeX", "x.html x.pdf x.parquet x.xlsx x.csv.gz x.png"),
            ("compare {} --format json", "--format json writes JSON; give a name that ends in .json", "x.csv x.html x.md x.tex"),
            ("compare {} --format text", "--format text writes text; give a name that ends in .txt", "x.json X.CSV"),
        )
        for name in names.split()
    },
    # -- variants and tasks -----------------------------------------------------------------------------------
    "tasks: no such benchmark": (good, "tasks --benchmark 'MTEB(enk, v2)'", "did you mean"),
    "tasks: no such suite": (good, "tasks --suite docstring", "docstrings"),
    "tasks: both": (good, "tasks --suite paper --benchmark 'MTEB(eng, v2)'", "name one of them"),
    # -- train ------------------------------------------------------------------------------------------------
    **{
        f"train: {setting}": (good, f"train --base embedded --variant model-1 --data {{}} -o trained --set {setting}", expected)
        for setting, expected in (
            ("steps=0", "give a number above 0"),
            ("steps=-1", "give a whole number of at least 0"),
            ("steps=1.5", "give a whole number of at least 0"),
            ("steps=1e400", "give a whole number of at least 0"),
            ("learning_rate=0", "learning_rate=0; give a number above 0"),
            ("max_length=0", "max_length=0; give a number above 0"),
            ("batch_size=0", "batch_size=0"),
            ("batch_size=nan", "batch_size"),
            ("learning_rate=-1", "give a number of at least 0"),
            ("learning_rate=NaN", "give a number of at least 0"),
            ("learning_rate=Infinity", "give a number of at least 0"),
            ("epochs=NaN", "give a number of at least 0"),
            ("lora_dropout=2", "give a share below 1"),
            ("schedule=cosin", "did you mean 'cosine'?"),
            ("stepps=3", "did you mean 'steps'?"),
            ("steps", "expected NAME=VALUE"),
        )
    },
    "train: a preset misspelt": (good, "train --base embedded --variant model-1 --data {} -o trained --preset papper", "did you mean 'paper'?"),
    "train: a variant misspelt": (good, "train --base embedded --variant modle-1 --data {} -o trained", "did you mean 'model-1'?"),
    "train: a variant misspelt beside all": (good, "train --base embedded --variant modle-1 --variant all --data {} -o trained", "did you mean 'model-1'?"),
    "train: seed -1": (good, "train --base embedded --variant model-1 --data {} -o trained --seed=-1", "seed=-1"),
    "run: seed -1": (good, "run -m model-1 -t STSBenchmark -o runs --seed=-1", "seed=-1"),
    "run: a cache below nothing": (good, "run -m model-1 -t STSBenchmark -o runs --cache-mb=-1", "cache_bytes"),
    "train: no such base": (good, "train --base absent --variant model-1 --data {} -o trained", "base 'absent' is neither"),
    "train: a base without a model": (good, "train --base @ --variant model-1 --data {} -o trained", "holds no config.json"),
    "train: data of another kind": (good, "train --base embedded --variant model-1 --data {} -o trained", "is of an unknown kind"),
    # -- run --------------------------------------------------------------------------------------------------
    **{
        f"run: {option}": (good, f"run -m model-1 -t STS12 -o runs {option}", expected)
        for option, expected in (
            ("--dtype float8", "unknown dtype 'float8': expected one of auto, float32, float16, bfloat16"),
            ("--dtype bfloat", "did you mean 'bfloat16'?"),
            ("--device nonsense", "device 'nonsense' cannot be used"),
            ("--device cuda:99", "device 'cuda:99' cannot be used"),
            ("--device cpu --device nonsense", "device 'nonsense' cannot be used"),
            ("--device ''", "device '' cannot be used"),
            ("--batch-tokens 0", "batch_tokens=0"),
            ("--batch-tokens=-5", "batch_tokens=-5"),
            ("--batch-tokens many", "--batch-tokens"),
            ("--workers 0", "workers=0"),
            ("--workers=-1", "workers=-1"),
            ("--workers 1.5", "--workers"),
            ("--cpus-per-job 0", "cpus_per_job=0"),
            ("--cpus-per-job=-1", "cpus_per_job=-1"),
            ("--cpus-per-job nan", "cpus_per_job=nan"),
            ("--cpus-per-job inf", "cpus_per_job=inf"),
            ("--gpus-per-job=-1", "gpus_per_job=-1"),
            ("--gpus-per-job nan", "gpus_per_job=nan"),
            ("--workers 2 --cluster auto", "expected one of them"),
        )
    },
    **{f"demo: {option}": (good, f"demo {option} -o demo", expected) for option, expected in (("--workers 0", "--workers"), ("--workers=-1", "--workers"), ("--seed=-1", "--seed"), ("--seed x", "--seed"), ("--quik", "--quick"))},
    "demo: into a file": (good, "demo -o {}", "scores.csv"),
    **{f"pretrain: {steps} steps": (good, f"pretrain -o base --steps={steps}", expected) for steps, expected in (("0", "--steps"), ("-1", "--steps"), ("1.5", "--steps"), ("nan", "--steps"))},
    "pretrain: into a file": (good, "pretrain -o {} --steps 1", "scores.csv"),
    **{f"variants: {option}": (good, f"variants {option}", expected) for option, expected in (("--hidden-size 0", "--hidden-size"), ("--hidden-size=-5", "--hidden-size"), ("--hidden-size 100000000000", "--hidden-size"), ("--hidden-size 1e11", "--hidden-size"), ("--layers 0", "--layers"), ("--layers 1000000", "--layers"))},
    "run: no model": (good, "run -t STS12 -o runs", "--model"),
    "run: no task": (good, "run -m model-1 -o runs", "no task to run"),
    "run: no such folder": (good, "run -m ./absent -t STS12 -o runs", "no folder"),
    "run: no model in the folder": (good, "run -m @ -t STS12 -o runs", "is not a model folder"),
    "run: a model misspelt": (good, "run -m model-6 -t STS12 -o runs", "did you mean 'model-"),
    "run: a path as a model": (good, "run -m ../../etc/passwd -t STS12 -o runs", "no folder"),
    "run: a hub name, offline": (good, "run -m no-such-org/no-such-model -t STS12 -o runs", "is not a folder"),
    "run: a task misspelt": (good, "run -m model-1 -t STSbenchmrk -o runs", "did you mean 'STSBenchmark"),
    "run: a path as a task": (good, "run -m model-1 -t ../../etc/passwd -o runs", "unknown task"),
    "run: no such subset": (good, "run -m model-1 -t STS22:xx -o runs", "no subset 'xx'"),
    "run: no such family": (good, "run -m model-1 --family STSS -o runs", "unknown task family 'STSS'"),
    "run: no such benchmark": (good, "run -m model-1 --benchmark 'MTEB(enk, v2)' -o runs", "unknown benchmark"),
    "run: no such suite": (good, "run -m model-1 --suite paperr -o runs", "paper"),
    "run: no data root": (good, "run -m model-1 -t STS12 --data-root absent -o runs", "data root"),
    "run: no such prompt": (good, "run -m model-1 -t STS12 --prompt absent.json -o runs", "prompt"),
    "run: a prompt that is not JSON": (good, "run -m model-1 -t STS12 --prompt {} -o runs", "prompt"),
    "run: into a file": (good, "run -m model-1 -t STS12 -o {}", "scores.csv"),
}
# fmt: on


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, refused):
    refused(*REFUSED[case])


@pytest.mark.parametrize(
    ("arguments", "name", "start"),
    [
        ("compare {}", "x.json", '{\n  "'),
        ("compare {}", "x.csv", "model_a,model_b"),
        ("compare {}", "x.MD", "|"),
        ("compare {}", "x.tex", "%"),
        ("compare {}", "x.txt", ""),
        ("compare {} --format json", "x.txt", '{\n  "'),
        ("compare {} --format csv", "x", "model_a,model_b"),
        ("audit {}", "x.json", '{\n  "'),
        ("audit {}", "x.log", ""),
        ("scores {}", "x.pq", "PAR1"),
        ("scores {}", "x.gz", "\x1f"),
        ("scores {}", "x.csv.gz", "\x1f"),
        ("scores {}", "x", "task,a,b,c"),
        ("report {}", "x", "<!doctype html>"),
    ],
)
def test_the_ending_says_the_form(arguments, name, start, read, here):
    assert read(good, f"{arguments} -o {name}") == ""
    content = (here / name).read_bytes().decode("latin-1")
    assert content.lower().startswith(start.lower())
    assert start or content[0] not in "{|%<"
