
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const P = data.pairs, N = P.a.length, SVG = "http://www.w3.org/2000/svg", MINUS = "\u2212", NONE = "\u2013";
  const $ = id => document.getElementById(id);
  const known = v => v !== null && v !== undefined;
  const number = (v, digits, signed) => {
    if (!known(v)) return NONE;
    // JSON has no infinity: the page's data hold numbers beyond all scores for it.
    let text = Math.abs(v) > 1e300 ? "\u221e" : Math.abs(v).toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
    if (Number(text) === 0) return text;
    return (v < 0 ? MINUS : signed ? "+" : "") + text;
  };
  const pvalue = p => !known(p) ? NONE : p < .001 ? "< 0.001" : p >= .9995 && p < 1 ? "> 0.999" : p.toFixed(3);
  const chance = p => known(p) && p >= .9995 ? "> 0.999" : pvalue(p);
  const interval = (low, high) => !known(low) || !known(high) ? NONE
    : low < -1e300 && high > 1e300 ? "unbounded"
    : `[${number(low, data.digits, true)}, ${number(high, data.digits, true)}]`;
  const at = (column, i) => P[column] ? P[column][i] : null;
  const cell = (row, text, kind, tag) => {
    const element = document.createElement(tag || "td");
    if (kind) element.className = kind;
    element.textContent = text;
    row.appendChild(element);
    return element;
  };

  // Headings that sort. `apply(column, ascending)` lays the rows out anew.
  const sortable = (table, apply) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.dataset.nosort !== undefined) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", () => {
        const ascending = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach(h => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        apply(column, ascending);
      });
    });
  };
  // Undefined values come last in either direction.
  const order = (x, y, ascending) => {
    const emptyX = !known(x) || x === "", emptyY = !known(y) || y === "";
    if (emptyX || emptyY) return emptyX - emptyY;
    const sign = typeof x === "string" ? x.localeCompare(y, "en", {numeric: true, sensitivity: "base"}) : x - y;
    return ascending ? sign : -sign;
  };

  // The ranking.
  const ranking = $("ranking-table");
  sortable(ranking, (column, ascending) => {
    const body = ranking.tBodies[0];
    const key = row => {
      const text = row.cells[column].dataset.v;
      return text === "" || column === 1 ? text : Number(text);
    };
    const rows = [...body.rows].map(row => [key(row), row]);
    rows.sort((x, y) => order(x[0], y[0], ascending));
    body.append(...rows.map(r => r[1]));
  });

  // All pairs.
  const PAGE = 200;
  const table = $("pairs-table"), body = table.tBodies[0], more = $("pairs-more");
  const view = {rows: [...Array(N).keys()], all: [...Array(N).keys()], shown: 0, column: null, ascending: true};
  // What the columns hold after the two models: heading, key to sort by, text, class.
  const chances = data.bayes
    ? ["p_better", "p_equivalent", "p_worse"].map(c => [i => at(c, i), i => chance(at(c, i)), "num"])
    : ["pvalue", "pvalue_adjusted"].map(c => [i => at(c, i), i => pvalue(at(c, i)), "num"]);
  const columns = [
    [i => at("difference", i), i => number(at("difference", i), data.digits, true), "num"],
    [i => at("low", i), i => interval(at("low", i), at("high", i)), "num"],
    ...chances,
    [i => at("significant", i), i => at("significant", i) ? "yes" : "no", ""],
    [i => at("effect_size", i), i => number(at("effect_size", i), 2, true), "num"],
    [i => at("win", i) - at("loss", i), i => wtl(i), "num"],
  ];
  const wtl = i => known(at("win", i)) ? `${P.win[i]}/${P.tie[i]}/${P.loss[i]}` : NONE;
  const sentence = i =>
    `${data.models[P.a[i]]} minus ${data.models[P.b[i]]}: ${number(at("difference", i), data.digits, true)} ` +
    `${interval(at("low", i), at("high", i))}, ` +
    (data.bayes ? `P(better) ${chance(at("p_better", i))}, P(equivalent) ${chance(at("p_equivalent", i))}`
      : `statistic ${number(at("statistic", i), 2)}, p ${pvalue(at("pvalue", i))}, adjusted p ${pvalue(at("pvalue_adjusted", i))}`) +
    `; wins/ties/losses ${wtl(i)} on ${at("n", i)} tasks`;
  const link = (parent, model) => {
    const anchor = document.createElement("a");
    anchor.href = "#model";
    anchor.dataset.model = model;
    anchor.textContent = data.models[model];
    parent.textContent = "";
    parent.appendChild(anchor);
  };
  const pairRow = i => {
    const row = document.createElement("tr");
    row.title = sentence(i);
    link(cell(row, ""), P.a[i]);
    link(cell(row, ""), P.b[i]);
    for (const [, text, kind] of columns) cell(row, text(i), kind);
    return row;
  };
  const extend = () => {
    const next = view.rows.slice(view.shown, view.shown + PAGE);
    body.append(...next.map(pairRow));
    view.shown += next.length;
    more.hidden = view.shown >= view.rows.length;
    $("pairs-none").hidden = view.rows.length > 0;
    const count = n => n.toLocaleString("en");
    $("pairs-count").textContent = `${count(view.rows.length)} of ${count(N)} pairs` +
      (view.shown < view.rows.length ? `, the first ${count(view.shown)} shown` : "");
  };
  const lay = () => {
    const wanted = $("pairs-filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean), show = $("pairs-show").value;
    const hits = data.models.map(m => wanted.map(w => m.toLowerCase().includes(w)));
    view.rows = view.all.filter(i =>
      (show === "all" || Boolean(at("significant", i)) === (show === "yes")) &&
      wanted.every((_, w) => hits[P.a[i]][w] || hits[P.b[i]][w]));
    body.textContent = "";
    view.shown = 0;
    extend();
  };
  sortable(table, (column, ascending) => {
    const key = column < 2 ? i => data.models[(column ? P.b : P.a)[i]] : columns[column - 2][0];
    view.all = [...Array(N).keys()].map(i => [key(i), i])
      .sort((x, y) => order(x[0], y[0], ascending) || x[1] - y[1]).map(x => x[1]);
    lay();
  });
  let waiting = 0;
  $("pairs-filter").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(lay, 80); });
  $("pairs-show").addEventListener("change", lay);
  more.addEventListener("click", extend);
  $("pairs-controls").hidden = false;
  $("pairs-which").textContent = "Click a heading to sort, a model to see it against the rest.";
  lay();

  // One model against the rest.
  const choice = $("model-choice");
  data.models.forEach((name, i) => {
    const option = document.createElement("option");
    option.value = i;
    option.textContent = `${i + 1}. ${name}`;
    choice.appendChild(option);
  });
  const line = (parent, kind, x1, x2) => {
    const element = document.createElementNS(SVG, "line");
    element.setAttribute("class", kind);
    for (const [k, v] of Object.entries({x1: x1.toFixed(2), x2: x2.toFixed(2), y1: 0, y2: 0})) element.setAttribute(k, v);
    const flat = x1 !== x2;
    element.setAttribute("y1", flat ? 5 : 0);
    element.setAttribute("y2", flat ? 5 : 10);
    parent.appendChild(element);
  };
  const compare = model => {
    const found = [];
    for (let i = 0; i < N; i++) {
      if (P.a[i] !== model && P.b[i] !== model) continue;
      const first = P.a[i] === model, sign = first ? 1 : -1, low = at("low", i), high = at("high", i);
      found.push({
        i, other: first ? P.b[i] : P.a[i], d: sign * at("difference", i),
        low: known(low) ? (first ? low : -high) : null, high: known(high) ? (first ? high : -low) : null,
        p: data.bayes ? chance(Math.max(at("p_better", i), at("p_worse", i))) : pvalue(at("pvalue_adjusted", i)), yes: Boolean(at("significant", i)),
      });
    }
    found.sort((x, y) => x.other - y.other);
    const reach = Math.max(1e-12, ...found.flatMap(f => [f.d, f.low, f.high].filter(known).map(Math.abs)).filter(v => v < 1e300));
    const across = v => 50 + 48 * Math.max(-reach, Math.min(reach, v)) / reach;
    const target = $("model-table").tBodies[0];
    target.textContent = "";
    for (const f of found) {
      const row = document.createElement("tr");
      row.title = sentence(f.i);
      link(cell(row, "", "", "th"), f.other);
      row.cells[0].scope = "row";
      cell(row, number(f.d, data.digits, true), "num");
      cell(row, interval(f.low, f.high), "num");
      const picture = document.createElementNS(SVG, "svg");
      for (const [k, v] of Object.entries({class: "range", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true"})) picture.setAttribute(k, v);
      line(picture, "zero", 50, 50);
      if (known(f.low) && known(f.high)) line(picture, f.yes ? "yes" : "", across(f.low), across(f.high));
      line(picture, "dot", across(f.d), across(f.d));
      cell(row, "", "wide").appendChild(picture);
      cell(row, f.p, "num");
      cell(row, f.yes ? (f.d > 0) === data.higher ? "better" : "worse" : "not told apart");
      target.appendChild(row);
    }
    if (!found.length) cell(target.appendChild(document.createElement("tr")), "No rows: this model was not compared with others.").colSpan = 6;
    $("model-name").textContent = data.models[model];
    choice.value = model;
  };
  choice.addEventListener("change", () => compare(Number(choice.value)));
  document.addEventListener("click", event => {
    const anchor = event.target.closest("a[data-model]");
    if (!anchor) return;
    compare(Number(anchor.dataset.model));
    choice.focus({preventScroll: true});
  });
  $("model-controls").hidden = false;
  compare(data.start);

  // On paper everything is open.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach(d => { d.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach(d => { d.open = false; }));

  // Downloads that are made from the page's own data.
  const field = value => {
    let text = known(value) ? String(value) : "";
    if (typeof value === "string" && /^\s*[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const makers = {
    pairs: () => {
      const columns = Object.keys(P).filter(c => c !== "a" && c !== "b");
      const lines = [["model_a", "model_b", ...columns].join(",")];
      for (let i = 0; i < N; i++) lines.push([data.models[P.a[i]], data.models[P.b[i]], ...columns.map(c => P[c][i])].map(field).join(","));
      return lines.join("\n") + "\n";
    },
  };
  for (const button of document.querySelectorAll("button[data-make]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const anchor = document.createElement("a");
      anchor.href = URL.createObjectURL(new Blob([makers[button.dataset.make]()], {type: "text/csv"}));
      anchor.download = button.dataset.file;
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
    });
  }
})();
