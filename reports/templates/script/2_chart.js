// The first screen: models down the page with rank set and score; a pinned model colours all others by the decisions about pairs.
const WORDS = {better: "better", worse: "worse", equivalent: "equivalent", undecided: "undecided"};
const SIGNS = {better: "\u25b2", worse: "\u25bc", equivalent: "=", undecided: "?"};
const table = $("ranking-table"), body = table.tBodies[0];
const chart = {
  pinned: /** @type {number|null} */ (null), families: new Set(), language: "", clean: false, all: false, column: 0, ascending: true,
  view: /** @type {any} */ (null), spoken: /** @type {number|null} */ (null), scores: new Float64Array(), cleaned: new Float64Array(), shown: /** @type {any[]} */ ([]),
};
const rows = [...body.rows].map((row, model) => {
  const head = row.cells[1], name = head.querySelector(".m");
  const button = make("button", "m", name.textContent);
  button.type = "button";
  button.title = name.textContent;
  name.replaceWith(button);
  return {row, model, button, star: head.querySelector(".star"), cells: row.cells};
});
const STAR = () => {
  const star = make("span", "star", "\u2605");
  star.title = "may be the best";
  make("span", "hidden", " may be the best", star);
  return star;
};

/** Which models the cards let through. */
const admitted = () => {
  const cards = data.cards, most = Number($("chart-size")?.value || 0), since = $("chart-since")?.value || "", open = $("chart-open")?.checked;
  return rows.map(({model}) =>
    (!most || (cards.n_parameters[model] !== null && cards.n_parameters[model] < most)) &&
    (!since || (cards.release_date[model] !== null && cards.release_date[model] >= since)) && (!open || cards.open_weights[model] === true));
};
const chosenTasks = () => [...Array(T).keys()].filter(t =>
  (!chart.families.size || chart.families.has(data.families[t])) && (!chart.language || data.languages[t].includes(chart.language)));

/** The view that the choice asks for: one that was computed, or means and ranks alone. */
const choose = async () => {
  const families = [...chart.families];
  if (chart.clean) return chooseClean();
  const computed = chart.language ? -1 : families.length === 0 ? 0 : families.length === 1 ? data.views.findIndex((v, i) => i && v.name === families[0]) : -1;
  if (computed >= 0) return {...await loadView(computed), number: computed};
  const tasks = chosenTasks();
  return {number: -1, tasks: tasks.length, ...laidOut(described(chart.scores, tasks)), pairs: null};
};
/** Means and mean ranks as the models of a view, best first. */
const laidOut = found => {
  const best = [...Array(K).keys()].sort((x, y) => order(found.rank[x], found.rank[y], true) || x - y);
  const place = new Int32Array(K);
  best.forEach((m, i) => { place[m] = i; });
  return {place, models: {rows: K, model: best, mean: best.map(m => found.mean[m]), mean_rank: best.map(m => found.rank[m])}};
};
/** Clean tasks: each model over those that it was not trained on; verdicts where the engine decided every pair on those of neither. */
const chooseClean = async () => {
  if (!chart.cleaned.length) {
    const trained = (await unpack(data.clean.trained)).trained;
    chart.cleaned = chart.scores.map((v, i) => trained[i] ? NaN : v);
  }
  const tasks = chosenTasks(), found = described(chart.cleaned, tasks, true), whole = tasks.length === T && data.clean.view;
  const most = found.seen.reduce((x, y) => Math.max(x, y)), least = found.seen.reduce((x, y) => Math.min(x, y));
  const common = {number: -1, tasks: tasks.length, clean: [least, most], ...laidOut(found)};
  return whole ? {...await loadView(-1), ...common, counted: true} : {...common, pairs: null};
};

/** For each model its rank, rank set, mean: of the whole pool, or counted anew among those that the cards let through. */
const standing = (view, among) => {
  const M = view.models, all = among.every(Boolean), found = [];
  const inside = rows.map(r => r.model).filter(m => among[m] && view.place[m] >= 0);
  const sorted = inside.map(m => M.mean_rank[view.place[m]]).sort((x, y) => x - y);
  for (const m of inside) {
    const i = view.place[m], mean = M.mean[i], meanRank = M.mean_rank[i];
    const row = {
      m, mean, meanRank, rank: Number.isNaN(meanRank) ? NaN : 1 + sorted.findIndex(r => r >= meanRank), low: NaN, high: NaN, top: false,
      meanLow: M.mean_low ? M.mean_low[i] : NaN, meanHigh: M.mean_high ? M.mean_high[i] : NaN,
    };
    if (view.pairs && all && !view.counted) {
      Object.assign(row, {rank: M.rank[i], low: M.rank_low[i] || NaN, high: M.rank_high[i] || NaN, top: Boolean(M.top[i])});
    } else if (view.pairs && data.control === null && (view.counted || M.rank_low[i])) {
      let above = 0, below = 0;
      for (const o of inside) {
        if (o === m) continue;
        const pair = pairOf(view, m, o);
        if (pair) { above += Number(pair.verdict === "worse"); below += Number(pair.verdict === "better"); }
      }
      Object.assign(row, {low: 1 + above, high: inside.length - below, top: above === 0});
    }
    found.push(row);
  }
  return found;
};

/** What each lane and cell shows: hundreds of rows mostly stay as they are, and what stays costs neither style nor layout. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();
const put = (cell, text) => {
  if (drawn.get(cell) === text) return;
  drawn.set(cell, text);
  cell.textContent = text;
};
const lane = (cell, pieces) => {
  const svg = cell.querySelector("svg") ?? draw("svg", {class: "range", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true"}, cell);
  const key = pieces.join(";");
  if (drawn.get(svg) === key) return;
  drawn.set(svg, key);
  svg.textContent = "";
  for (const [kind, from, to] of pieces) {
    if (kind === "zero") line(svg, kind, from, from, -6, 16);
    else if (kind === "dot") line(svg, kind, from, from, 0, 10);
    else line(svg, kind, from, to, 5, 5);
  }
};
const scaled = (low, high) => v => 100 * (Math.max(low, Math.min(high, v)) - low) / (high - low || 1);
const ends = (cell, texts) => { [...cell.querySelectorAll(".ends span")].forEach((s, i) => { s.textContent = texts[i]; }); };

/** The model that all others take their verdict against: the pinned one, where verdicts of this choice were computed. */
const reference = () => chart.view.pairs ? chart.pinned : null;
/** What the lane of ranks is of where they have sets. */
const RANKS = table.tHead.rows[0].cells[3].querySelector(".words").textContent;

const render = () => {
  const view = chart.view, among = admitted(), wanted = words($("chart-search").value), pin = reference();
  const list = standing(view, among), filtered = !among.every(Boolean);
  for (const s of list) s.pair = pin === null || pin === s.m ? null : pairOf(view, s.m, pin);
  /** @type {((s: any) => any)[]} */
  const keys = [s => s.rank, s => data.models[s.m], s => data.cards.n_parameters?.[s.m], s => s.rank, s => s.low, s => s.rank,
    s => pin === null ? s.mean : s.pair?.difference, s => pin === null ? s.meanLow : s.pair?.low, s => s.pair?.verdict];
  list.sort((x, y) => order(keys[chart.column](x), keys[chart.column](y), chart.ascending) || order(x.rank, y.rank, true) || x.m - y.m);
  const found = list.filter(s => wanted.every(w => data.models[s.m].toLowerCase().includes(w)));
  const top = list.filter(s => s.top).length, limit = chart.all || wanted.length ? Infinity : Number(table.dataset.first);
  const visible = found.filter((s, i) => i < limit || s.m === chart.pinned);
  const shown = new Set(visible.map(s => s.m));
  // Both scales fit the rows in view: ranks, and scores or differences from the pinned model.
  const k = Math.max(2, Math.min(list.length, visible.length), ...visible.map(s => Math.max(s.high || 0, s.rank || 0)));
  const finite = visible.flatMap(s => pin === null ? [s.mean, s.meanLow, s.meanHigh] : s.pair ? [s.pair.difference, s.pair.low, s.pair.high] : []).filter(Number.isFinite);
  const reach = Math.max(1e-9, ...finite.map(Math.abs));
  const across = pin === null ? scaled(Math.min(...finite), Math.max(...finite)) : scaled(-reach, reach);
  for (const r of rows) if (r.row.hidden === shown.has(r.model)) r.row.hidden = !shown.has(r.model);
  // Only rows in view are moved, and only where one is not in its place: moving hundreds takes longer than anything else.
  visible.forEach((s, i) => { if (body.rows[i] !== rows[s.m].row) body.insertBefore(rows[s.m].row, body.rows[i]); });
  for (const s of visible) renderRow(s, k, across);
  chart.shown = found;
  table.classList.toggle("pinned", pin !== null);
  table.classList.toggle("described", !view.pairs);
  renderHead(list, found, visible, {k, top, filtered, finite, reach});
  tell();
};

const renderRow = (s, k, across) => {
  const {row, cells, button} = rows[s.m], pin = reference(), verdict = s.pair ? s.pair.verdict : "";
  const kind = [s.top ? "top" : "", s.m === chart.pinned ? "reference" : "", verdict].join(" ").trim();
  if (row.className !== kind) row.className = kind;
  put(cells[0], number(s.rank, Number.isInteger(s.rank) ? 0 : 1));
  if (button.getAttribute("aria-pressed") !== String(s.m === chart.pinned)) button.setAttribute("aria-pressed", String(s.m === chart.pinned));
  if (Boolean(rows[s.m].star) !== s.top) {
    rows[s.m].star?.remove();
    rows[s.m].star = s.top ? STAR() : null;
    if (s.top) button.after(" ", rows[s.m].star);
  }
  const at = v => 100 * (v - .5) / k;
  lane(cells[3], [...(known(s.low) ? [["bar", 100 * (s.low - 1) / k, 100 * s.high / k]] : []), ...(known(s.rank) ? [["dot", at(s.rank)]] : [])]);
  put(cells[4], known(s.low) ? s.low === s.high ? String(s.low) : `${s.low}\u2013${s.high}` : NONE);
  if (pin === null) {
    lane(cells[5], !data.means ? [] : [...(known(s.meanLow) && known(s.meanHigh) ? [["thin", across(s.meanLow), across(s.meanHigh)]] : []), ...(known(s.mean) ? [["dot", across(s.mean)]] : [])]);
    put(cells[6], data.means ? number(s.mean, data.digits) : NONE);
    put(cells[7], data.means ? plainInterval(s.meanLow, s.meanHigh) : NONE);
    put(cells[8], "");
    return;
  }
  const p = s.pair;
  lane(cells[5], [["zero", 50], ...(p && known(p.low) && known(p.high) ? [["bar", across(p.low), across(p.high)]] : []), ...(p && known(p.difference) ? [["dot", across(p.difference)]] : [])]);
  put(cells[6], p ? number(p.difference, data.digits, true) : NONE);
  put(cells[7], p ? interval(p.low, p.high) : NONE);
  if (!p) put(cells[8], s.m === pin ? "the reference" : "not compared");
  else {
    drawn.delete(cells[8]);
    cells[8].textContent = "";
    make("span", "sign", SIGNS[p.verdict], cells[8]).setAttribute("aria-hidden", "true");
    const anchor = make("a", "", WORDS[p.verdict], cells[8]);
    anchor.href = pairLink(s.m, pin);
  }
};

const renderHead = (list, found, visible, {k, top, filtered, finite, reach}) => {
  const pin = reference(), view = chart.view, heads = table.tHead.rows[0].cells;
  heads[3].querySelector(".words").textContent = view.pairs ? RANKS : "rank";
  ends(heads[3], ["1", count(k)]);
  ends(heads[5], pin === null ? (finite.length ? [number(Math.min(...finite), 2), number(Math.max(...finite), 2)] : ["", ""]) : [number(-reach, 2), "0", number(reach, 2, true)]);
  $("chart-scale").textContent = pin === null ? "mean score" : `difference from ${short(data.models[pin])}`;
  const heading = (head, text) => { (head.querySelector("button") || head).textContent = text; };
  heading(heads[6], pin === null ? "score" : "difference");
  heading(heads[7], `${data.level} interval`);
  const many = visible.length < found.length;
  $("chart-more").hidden = !(many || chart.all && found.length > Number(table.dataset.first));
  $("chart-more").textContent = many ? `Show all ${count(found.length)} models` : "Show fewer";
  $("chart-none").hidden = found.length > 0;
  const notes = [];
  if (found.length < K || filtered) notes.push(`${count(found.length)} of ${count(K)} models.`);
  if (view.clean) {
    const [least, most] = view.clean, unknown = data.clean.unknown;
    notes.push(`Each model over the tasks that it was not trained on, ${least === most ? count(least) : `${count(least)} to ${count(most)}`} of ${count(view.tasks)}` +
      (unknown ? `; what ${count(unknown)} of ${count(K)} models ${unknown === 1 ? "was" : "were"} trained on is not known, and all their tasks count.` : "."));
    notes.push(view.pairs ? "Each pair is decided on the tasks that neither was trained on." : "Verdicts of this choice were not computed.");
  } else if (!view.pairs) {
    notes.push(`Means and ranks over ${units(view.tasks)}, nothing more: verdicts of this choice were not computed.`);
  } else {
    if (view.number > 0) notes.push(`Within ${view.name}, ${units(view.tasks)}: ${view.decided ? `${count(view.decided)} of ${count(view.pairs.rows)} pairs decided` : "so few tasks decide no pair"}.`);
    if (data.control === null && top && (filtered || view.number > 0)) notes.push(`${count(top)} of ${count(list.length)} may be the best.`);
    if (filtered) notes.push("Ranks are among the models chosen; the decisions about pairs are those of the whole comparison.");
  }
  if (pin !== null) {
    const tally = {better: 0, worse: 0, equivalent: 0, undecided: 0};
    for (const s of list) if (s.pair) tally[s.pair.verdict]++;
    const parts = Object.keys(tally).filter(v => tally[v]).map(v => `${count(tally[v])} ${WORDS[v]}`);
    notes.push(`Against ${data.models[pin]}: ${parts.join(", ")}.`);
  }
  $("chart-note").textContent = notes.join(" ");
  $("chart-unpin").hidden = chart.pinned === null;
  const command = $("chart-command");
  command.hidden = Boolean(view.pairs);
  if (!view.pairs) command.querySelector("code").textContent = data.command + [...chart.families].map(f => ` --family ${/^[\w-]+$/.test(f) ? f : JSON.stringify(f)}`).join("") + (chart.language ? ` --language ${chart.language}` : "") + (chart.clean ? " --clean" : "");
};

/** The sentence on a pair, as seen from the first. */
const pairSentence = (view, x, y) => {
  const p = pairOf(view, x, y), a = data.models[x], b = data.models[y];
  if (!p) return `${a} and ${b} were not compared.`;
  const said = p.verdict === "undecided" ? `${a} and ${b} cannot be told apart` : p.verdict === "equivalent" ? `${a} and ${b} are equivalent` : `${a} is ${p.verdict} than ${b}`;
  const wins = known(p.win) && p.n ? `, better on ${p.win} of ${units(p.n)}${p.tie ? ` (${p.tie} tied)` : ""}` : "";
  const chances = data.bayes ? `, P(better) ${chance(p.better)}` : known(p.p) ? `, adjusted p ${p.p < .001 ? "" : "= "}${pvalue(p.p)}` : "";
  return `${said}: ${data.difference} ${number(p.difference, data.digits, true)}${known(p.low) && known(p.high) ? `, ${data.level} interval ${interval(p.low, p.high)}` : ""}${chances}${wins}.`;
};
const speak = model => {
  const view = chart.view, bar = $("chart-pair");
  bar.textContent = "";
  chart.spoken = model;
  if (!view?.pairs) return;
  const against = chart.pinned ?? data.control ?? view.models.model[0], other = model === against && chart.pinned === null ? view.models.model[1] : model;
  if (other === undefined) return;
  if (other === against) {
    bar.append(`All verdicts are against ${data.models[other]}.`);
    return pinButton(bar, other);
  }
  const p = pairOf(view, other, against), turned = p && (p.verdict === "worse" || (p.verdict === "undecided" && p.difference < 0) === data.higher);
  const seen = turned ? pairOf(view, against, other)?.verdict : p?.verdict;
  make("span", `sign ${seen || ""}`, seen ? SIGNS[seen] : "", bar).setAttribute("aria-hidden", "true");
  bar.append(" ", turned ? pairSentence(view, against, other) : pairSentence(view, other, against), " ");
  const anchor = make("a", "", `${data.unit[0].toUpperCase()}${data.unit.slice(1)} by ${data.unit}`, bar);
  anchor.href = pairLink(other, against);
  pinButton(bar, other);
};
const pinButton = (bar, model) => {
  const button = make("button", "", chart.pinned === model ? "Unpin" : `Pin ${short(data.models[model])}`, bar);
  button.type = "button";
  button.addEventListener("click", () => pin(chart.pinned === model ? null : model));
};
const hush = () => { chart.spoken = null; $("chart-pair").textContent = ""; };
const pin = model => {
  chart.pinned = model;
  render();
  if (model === null) hush(); else speak(model);
};
/** Another choice of tasks: the chart and the sentence below it are of the same. */
const refresh = async () => {
  chart.view = await choose();
  render();
  if (chart.spoken !== null) speak(chart.spoken);
};

/** @param {string[]} families */
const chooseFamilies = families => {
  chart.families = new Set(families);
  for (const chip of every("#chart-families button")) {
    const its = chip.dataset.family === undefined ? null : data.families[Number(chip.dataset.family)];
    chip.setAttribute("aria-pressed", String(its === null ? !chart.families.size : chart.families.has(its)));
  }
  return refresh();
};

const startChart = async () => {
  chart.scores = (await unpack(data.scores)).score;
  const reset = () => { chart.all = false; render(); };
  sortable(table, (column, ascending) => { chart.column = column; chart.ascending = ascending; render(); });
  $("chart-search").addEventListener("input", later(60, render));
  for (const id of ["chart-size", "chart-since", "chart-open"]) $(id)?.addEventListener("change", reset);
  $("chart-clean")?.addEventListener("change", event => { chart.clean = event.target.checked; refresh(); });
  $("chart-language")?.addEventListener("change", event => { chart.language = event.target.value; refresh(); });
  $("chart-families")?.addEventListener("click", event => {
    const chip = event.target.closest("button");
    if (!chip) return;
    const family = chip.dataset.family === undefined ? null : data.families[Number(chip.dataset.family)];
    chooseFamilies(family === null ? [] : chart.families.has(family) ? [...chart.families].filter(f => f !== family) : [...chart.families, family]);
  });
  $("chart-more").addEventListener("click", () => { chart.all = !chart.all; render(); });
  $("chart-unpin").addEventListener("click", () => pin(null));
  let touched = false;
  body.addEventListener("pointerdown", event => { touched = event.pointerType !== "mouse"; });
  body.addEventListener("pointerover", event => { const row = event.target.closest("tr"); if (row) speak(Number(row.dataset.i)); });
  body.addEventListener("focusin", event => speak(Number(event.target.closest("tr").dataset.i)));
  body.addEventListener("click", event => {
    const row = event.target.closest("tr"), model = Number(row.dataset.i);
    if (event.target.closest("a")) return;
    // A finger has no way to hover: its tap tells the verdict, whose bar has the button to pin.
    if (touched && event.detail) speak(model); else pin(chart.pinned === model ? null : model);
  });
  for (const id of ["chart-controls", "chart-hint"]) $(id).hidden = false;
  await refresh();
  if (data.control !== null) { pin(data.control); hush(); }
  else if (K > 1 && matchMedia("(hover: hover) and (min-width: 44rem)").matches) speak(chart.shown[1].m);
};
