// All pairs: filter, sort, more rows, more columns.
const PAGE = 200;
const startPairs = view => {
  const P = view.pairs, N = P.rows, pairs = $("pairs-table"), rowsOf = pairs.tBodies[0], more = $("pairs-more");
  const state = {rows: [...Array(N).keys()], all: [...Array(N).keys()], shown: 0};
  const at = (column, i) => P[column] ? P[column][i] : NaN;
  const loss = i => at("n", i) - at("win", i) - at("tie", i);
  const verdict = i => ["undecided", "a better", "b better", "equivalent"][P.verdict[i]];
  /** @type {[(i: number) => any, (i: number) => string, string][]} */
  const chances = (data.bayes
    ? ["p_better", "p_equivalent", "p_worse"].map(c => [i => at(c, i), i => chance(at(c, i)), "num roomy"])
    : ["pvalue", "pvalue_adjusted"].map((c, j) => [i => at(c, i), i => pvalue(at(c, i)), j ? "num roomy" : "num extra"]));
  // What the columns hold after the two models: key to sort by, text, class.
  /** @type {[(i: number) => any, (i: number) => string, string][]} */
  const columns = [
    [i => at("difference", i), i => number(at("difference", i), data.digits, true), "num"],
    [i => at("low", i), i => interval(at("low", i), at("high", i)), "num roomy"],
    ...chances,
    [verdict, verdict, `verdict`],
    [i => at("effect_size", i), i => number(at("effect_size", i), 2, true), "num extra"],
    [i => at("win", i) - loss(i), i => P.win ? `${P.win[i]}/${P.tie[i]}/${loss(i)}` : NONE, "num roomy"],
  ];
  const pairRow = i => {
    const row = make("tr");
    for (const [x, y] of [[P.a[i], P.b[i]], [P.b[i], P.a[i]]]) link(make("td", "name", "", row), x, pairLink(x, y));
    for (const [, text, kind] of columns) make("td", kind, text(i), row);
    return row;
  };
  const extend = () => {
    const next = state.rows.slice(state.shown, state.shown + PAGE);
    rowsOf.append(...next.map(pairRow));
    state.shown += next.length;
    more.hidden = state.shown >= state.rows.length;
    $("pairs-none").hidden = state.rows.length > 0;
    $("pairs-count").textContent = `${count(state.rows.length)} of ${count(N)} pair${N === 1 ? "" : "s"}` +
      (state.shown < state.rows.length ? `, the first ${count(state.shown)} shown` : "");
  };
  const lay = () => {
    const wanted = words($("pairs-filter").value), show = $("pairs-show").value;
    const hits = data.models.map(m => wanted.map(w => m.toLowerCase().includes(w)));
    state.rows = state.all.filter(i => (show === "all" || (P.verdict[i] === 1 || P.verdict[i] === 2) === (show === "yes")) &&
      wanted.every((_, w) => hits[P.a[i]][w] || hits[P.b[i]][w]));
    rowsOf.textContent = "";
    state.shown = 0;
    extend();
  };
  sortable(pairs, (column, ascending) => {
    const key = column < 2 ? i => data.models[(column ? P.b : P.a)[i]] : columns[column - 2][0];
    state.all = [...Array(N).keys()].map(i => [key(i), i])
      .sort((x, y) => order(x[0], y[0], ascending) || x[1] - y[1]).map(x => x[1]);
    lay();
  });
  $("pairs-filter").addEventListener("input", later(80, lay));
  $("pairs-show").addEventListener("change", lay);
  $("pairs-extra").addEventListener("change", event => pairs.classList.toggle("wider", event.target.checked));
  more.addEventListener("click", extend);
  $("pairs-controls").hidden = false;
  $("pairs-which").textContent = `Click a heading to sort, a name to see the pair ${data.unit} by ${data.unit}.`;
  lay();
};

// Downloads that are made from the page's own data.
const field = value => {
  let text = known(value) ? String(value) : "";
  if (typeof value === "string" && /^\s*[=+\-@\t\r]/.test(text)) text = "'" + text;
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};
const startDownloads = view => {
  const P = view.pairs;
  const makers = {
    scores: () => [["task", ...data.models], ...data.tasks.map((task, t) => [task, ...data.models.map((_, m) => chart.scores[m * T + t])])]
      .map(cells => cells.map(field).join(",")).join("\n") + "\n",
    pairs: () => {
      const columns = Object.keys(P).filter(c => !["rows", "a", "b", "verdict"].includes(c));
      const lines = [["model_a", "model_b", "verdict", ...columns].join(",")];
      for (let i = 0; i < P.rows; i++) {
        const values = columns.map(c => Number.isNaN(P[c][i]) ? null : P[c] instanceof Float32Array ? Number(P[c][i].toPrecision(7)) : P[c][i]);
        lines.push([data.models[P.a[i]], data.models[P.b[i]], ["undecided", "a", "b", "equivalent"][P.verdict[i]], ...values].map(field).join(","));
      }
      return lines.join("\n") + "\n";
    },
  };
  for (const button of every("button[data-make]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const anchor = make("a");
      anchor.href = URL.createObjectURL(new Blob([makers[button.dataset.make]()], {type: "text/csv"}));
      anchor.download = button.dataset.file;
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
    });
  }
};
