"""Tables of scores as they should not be: what is refused, and what is read all the same."""

import gzip

import pytest
import zstandard

LONG = "model,task,score"

# fmt: off
REFUSED = {
    # -- files that are no table ------------------------------------------------------------------------------
    "no such file": (lambda m: m.path("absent.csv"), "compare {}", "no such file or folder"),
    "a folder without results": (lambda m: m.root, "compare {}", "holds no MTEB results"),
    "a spreadsheet": (lambda m: m.file(b"PK\3\4" + bytes(200), "scores.xlsx"), "compare {}", "cannot be read as a workbook"),
    "an empty file": (lambda m: m.file(""), "compare {}", "is empty"),
    "blank lines alone": (lambda m: m.file("\n\n \n"), "compare {}", "is empty"),
    "one byte": (lambda m: m.file(b"\xff"), "compare {}", "has a heading and no rows"),
    "zeros": (lambda m: m.file(bytes(1000)), "compare {}", "is not text"),
    "every byte": (lambda m: m.file(bytes(range(256)) * 9), "compare {}", "not UTF-8 text"),
    "prose": (lambda m: m.file("To be, or not to be.\nWhether 'tis nobler\n"), "compare {}", "cells where the heading has"),
    "HTML": (lambda m: m.file("<html><body><table><tr><td>1</td></tr></table>\n</html>"), "compare {}", "no score column"),
    "JSON": (lambda m: m.file('{"a": [1, 2]}\n{"b": 3}\n'), "compare {}", "expected"),
    "heading only": (lambda m: m.table(), "compare {}", "at least one row of scores"),
    "tasks only": (lambda m: m.table("t1", "t2", head="task"), "compare {}", "no score column"),
    "a row too short": (lambda m: m.table("t1,.1,.2", "t2,.1"), "compare {}", "line 3: has 2 cells where the heading has 3"),
    "a file cut off in a row": (lambda m: m.cut(m.scores(), 0.86), "compare {}", "is it cut off?"),
    "a row too long": (lambda m: m.table("t1,.1,.2", "t2,.1,.2,.3"), "compare {}", "line 3: has 4 cells"),
    "all rows too long": (lambda m: m.table("t1,.1,.2,.3", "t2,.1,.2,.3"), "compare {}", "line 2: has 4 cells"),
    "an open quote": (lambda m: m.table('"t1,.1,.2', "t2,.1,.2"), "compare {}", "unexpected end of data"),
    "no gzip in a .gz": (lambda m: m.file(m.good, "scores.csv.gz"), "compare {}", "Not a gzipped file"),
    "gzip in a .csv": (lambda m: m.file(gzip.compress(m.good.encode()), "scores.csv"), "compare {}", "not UTF-8 text"),
    "gzip cut off": (lambda m: m.cut(m.file(gzip.compress(m.good.encode() * 9), "s.csv.gz")), "compare {}", "ended before the end-of-stream"),
    "gzip bent": (lambda m: m.bend(m.file(gzip.compress(m.good.encode() * 9), "s.csv.gz")), "compare {}", "cannot be read as a table"),
    "no zstd in a .zst": (lambda m: m.file(m.good, "scores.csv.zst"), "compare {}", "Unknown frame"),
    "zstd cut off": (lambda m: m.cut(m.file(zstandard.compress(m.good.encode()), "s.csv.zst")), "compare {}", "the compressed file is cut off"),
    "zstd bent": (lambda m: m.bend(m.file(zstandard.compress(m.good.encode()), "s.csv.zst")), "compare {}", "Data corruption"),
    "no xz in a .xz": (lambda m: m.file(m.good, "scores.csv.xz"), "compare {}", "not supported"),
    "no bzip2 in a .bz2": (lambda m: m.file(m.good, "scores.csv.bz2"), "compare {}", "Invalid data"),
    # -- layouts ----------------------------------------------------------------------------------------------
    "a first column called name": (lambda m: m.table("t1,.1,.2", head="name,a,b"), "compare {}", "--rows tasks|models"),
    "no heading": (lambda m: m.file("t1,.1,.2\nt2,.1,.2\n"), "compare {}", "headed 't1'"),
    "rows that are neither": (lambda m: m.scores(), "compare {} --rows columns", "unknown rows 'columns': expected one of tasks, models"),
    "long without a task": (lambda m: m.table("a,.1", head="model,score"), "compare {}", "got 1 model"),
    "long with two scores": (lambda m: m.table("a,t,.1,.2", head="model,task,score,Score"), "compare {}", "two columns 'score'"),
    "long, one model": (lambda m: m.table("a,t1,.1", "a,t2,.2", head=LONG), "compare {}", "got 1 model"),
    "long, one task": (lambda m: m.table("a,t1,.1", "b,t1,.2", head=LONG), "compare {}", "got 1 task"),
    "long, a score twice": (lambda m: m.table("a,t1,.1", "a,t1,.2", head=LONG), "compare {}", "2 scores on task 't1'"),
    "long, the same score twice": (lambda m: m.table("a,t1,.1", "a,t1,.1", head=LONG), "compare {}", "2 scores on task 't1'"),
    "long, two splits": (lambda m: m.table("a,t,.1,dev", "a,t,.2,test", head=f"{LONG},split"), "compare {}", "each split (dev, test)"),
    "long, two subsets": (lambda m: m.table("a,t,.1,en", "a,t,.2,de", head=f"{LONG},subset"), "compare {}", "each subset (en and de): --unit subset makes a row of each"),
    "long, two revisions": (lambda m: m.table("a,t,.1,r1", "a,t,.2,r2", head=f"{LONG},revision"), "compare {}", "each revision (r1, r2)"),
    "long, a seed twice": (lambda m: m.table("a,t,.1,0", "a,t,.2,0", head=f"{LONG},seed"), "compare {}", "2 scores on task 't'"),
    "long, two families": (lambda m: m.table("a,t,.1,X", "b,t,.2,Y", head=f"{LONG},family"), "compare {}", "more than one family (X, Y)"),
    "long, two metrics": (lambda m: m.table("a,t,.1,X", "b,t,.2,Y", head=f"{LONG},metric"), "compare {}", "2 metrics (X and Y): --metric 'X'"),
    # -- names ------------------------------------------------------------------------------------------------
    "a model twice": (lambda m: m.table("t1,.1,.2", head="task,a,a"), "compare {}", "'a' is given 2 times"),
    "a model twice but for blanks": (lambda m: m.table("t1,.1,.2", head="task,a, a "), "compare {}", "'a' is given 2 times"),
    "a model in NFC and in NFD": (lambda m: m.table("t1,.1,.2", head="task,caf\u00e9,cafe\u0301"), "compare {}", "is given 2 times"),
    "a task twice": (lambda m: m.table("t1,.1,.2", "t1,.3,.4"), "compare {}", "'t1' is given 2 times"),
    "a task in NFC and in NFD": (lambda m: m.table("\u00e9,.1,.2", "e\u0301,.3,.4"), "compare {}", "is given 2 times"),
    "a model without a name": (lambda m: m.table("t1,.1,.2", head="task,a,"), "compare {}", "model number 2 has no name"),
    "a task without a name": (lambda m: m.table(",.1,.2", "t2,.1,.2"), "compare {}", "task number 1 has no name"),
    "a task of blanks": (lambda m: m.table(" ,.1,.2", "t2,.1,.2"), "compare {}", "task number 1 has no name"),
    "a model of no-break spaces": (lambda m: m.table("t1,.1,.2", head="task,a,\u00a0"), "compare {}", "has no name"),
    "a model of zero width": (lambda m: m.table("t1,.1,.2", "t2,.2,.3", head="task,a,\u200b"), "compare {}", "has no name"),
    "two models that look alike": (lambda m: m.table("t1,.1,.2", "t2,.2,.3", head="task,a,a\u200b"), "compare {}", "differ only in invisible characters"),
    # -- numbers ----------------------------------------------------------------------------------------------
    "infinity": (lambda m: m.table("t1,.1,inf", "t2,.1,.2"), "compare {}", "is infinite"),
    "minus infinity": (lambda m: m.table("t1,.1,-Infinity", "t2,.1,.2"), "compare {}", "is infinite"),
    "too large a number": (lambda m: m.table("t1,.1,1e999", "t2,.1,.2"), "compare {}", "is infinite"),
    "a decimal comma": (lambda m: m.table('t1,.1,"0,5"', "t2,.1,.2"), "compare {}", "--decimal , or --decimal . decides"),
    "a percent sign": (lambda m: m.table("t1,.1,50%", "t2,.1,.2"), "compare {}", "the sign on all or none"),
    "thousands with underscores": (lambda m: m.table("t1,.1,1_000", "t2,.1,.2"), "compare {}", "'1_000'"),
    "a unit": (lambda m: m.table("t1,.1,50 ms", "t2,.1,.2"), "compare {}", "'50 ms'"),
    "a hexadecimal": (lambda m: m.table("t1,.1,0x1F", "t2,.1,.2"), "compare {}", "'0x1F'"),
    "a truth value": (lambda m: m.table("t1,.1,True", "t2,.1,.2"), "compare {}", "'True'"),
    "a formula": (lambda m: m.table("t1,.1,=1+1", "t2,.1,.2"), "compare {}", "'=1+1'"),
    "an error of a spreadsheet": (lambda m: m.table("t1,.1,#DIV/0!", "t2,.1,.2"), "compare {}", "#DIV/0!"),
    "a cell of 10,000 characters": (lambda m: m.table(f"t1,.1,{'x' * 10_000}", "t2,.1,.2"), "compare {}", "xxx..."),
    "a cell of two lines": (lambda m: m.table('t1,.1,"0.5\n0.6"', "t2,.1,.2"), "compare {}", "not a number"),
    "a control character": (lambda m: m.table("t1,.1,0.5\x07", "t2,.1,.2"), "compare {}", "is not text"),
    "a NUL within a number": (lambda m: m.table("t1,.1,0.\x0055", "t2,.1,.2"), "compare {}", "is not text"),
    # -- sizes ------------------------------------------------------------------------------------------------
    "one model": (lambda m: m.table("t1,.1", "t2,.2", head="task,a"), "compare {}", "got 1 model"),
    "one task": (lambda m: m.table("t1,.1,.2"), "compare {}", "got 1 task"),
    "one task, 100,000 models": (lambda m: m.file("task," + ",".join(map(str, range(100_000))) + "\nt" + ",.5" * 100_000), "compare {}", "got 1 task"),
    "nothing but missing scores": (lambda m: m.table("t1,,", "t2,,"), "compare {}", "none of the 2 models"),
    "no model with all tasks": (lambda m: m.table("t1,.1,", "t2,,.1", "t3,.1,"), "compare {}", "; no two of them have a score on the same task"),
    "no task with all models": (lambda m: m.table("t1,.1,", "t2,,.1"), "compare {} --missing tasks", "; no two of them have a score on the same task"),
    "one model without gaps": (lambda m: m.table("t1,.1,.2", "t2,.1,"), "compare {}", "another policy"),
    "10,000 models": (lambda m: m.file("task," + ",".join(map(str, range(10_000))) + "".join(f"\nt{i}" + ",.5,.6" * 5_000 for i in range(3))), "compare {}", "at most 3,000 models"),
}
# fmt: on


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, refused):
    refused(*REFUSED[case])
