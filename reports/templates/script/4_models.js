// One model, and two models task by task; both by the address's fragment, so that a link to them can be sent.
const sizeWords = n => n >= 1e8 ? `${number(n / 1e9, 1)} B` : `${number(n / 1e6, 0)} M`;
/** @type {Record<string, [string, (value: any) => string]>} */
const CARD = {
  n_parameters: ["parameters", sizeWords], n_active_parameters: ["active parameters", sizeWords], embed_dim: ["dimensions", count], max_tokens: ["longest text", n => `${count(n)} tokens`],
  release_date: ["released", String], license: ["licence", String], open_weights: ["weights", open => open ? "open" : "closed"],
};
const fill = select => data.models.forEach((name, i) => { make("option", "", `${i + 1}. ${name}`, select).value = i; });

const showModel = async model => {
  const view = await loadView(0), found = [];
  for (let other = 0; other < K; other++) {
    const pair = other === model ? null : pairOf(view, model, other);
    if (pair) found.push({other, ...pair});
  }
  // The best is better than all: half of a lane of both signs alike would be empty.
  const ends = [0, ...found.flatMap(f => [f.difference, f.low, f.high]).filter(Number.isFinite)];
  const across = scaled(Math.min(...ends), Math.max(1e-12, ...ends)), target = $("model-table").tBodies[0];
  target.textContent = "";
  for (const f of found) {
    const row = make("tr", f.verdict, undefined, target);
    const head = make("th", "name", "", row);
    head.scope = "row";
    link(head, f.other, pairLink(model, f.other));
    make("td", "num", number(f.difference, data.digits, true), row);
    make("td", "num roomy", interval(f.low, f.high), row);
    lane(make("td", "wide roomy", "", row), [["zero", across(0)], ...(known(f.low) && known(f.high) ? [["bar", across(f.low), across(f.high)]] : []), ["dot", across(f.difference)]]);
    make("td", "num roomy", data.bayes ? chance(Math.max(f.better, 1 - f.better - f.equal)) : pvalue(f.p), row);
    make("td", "", f.verdict, row);
  }
  if (!found.length) make("td", "", "No rows: this model was not compared with others.", make("tr", "", undefined, target)).colSpan = 6;
  $("model-name").textContent = data.models[model];
  $("model-choice").value = model;
  await showCard(model, view, found);
};
const showCard = async (model, view, found) => {
  const facts = $("model-facts");
  facts.textContent = "";
  const say = (word, value) => { const box = make("div", "", undefined, facts); make("dt", "", word, box); return make("dd", "", value, box); };
  const M = view.models, i = view.place[model];
  say("rank", `${number(M.rank[i], Number.isInteger(M.rank[i]) ? 0 : 1)}${M.rank_low[i] ? M.rank_low[i] < M.rank_high[i] ? `, may be ${M.rank_low[i]} to ${M.rank_high[i]}` : ", surely" : ""}`);
  for (const [key, [word, text]] of Object.entries(CARD)) {
    const value = data.cards[key]?.[model];
    if (known(value)) say(word, text(value));
  }
  if (/^[\w.-]+\/[\w.-]+$/.test(data.models[model]) && data.cards.open_weights?.[model]) {
    const box = say("card", "");
    const anchor = make("a", "", "huggingface.co", box);
    anchor.href = `https://huggingface.co/${data.models[model]}`;
    anchor.rel = "noopener noreferrer";
  }
  const near = found.filter(f => f.verdict === "undecided" || f.verdict === "equivalent").sort((x, y) => Math.abs(x.difference) - Math.abs(y.difference)).slice(0, 3);
  if (near.length) {
    const box = say("nearest", "");
    near.forEach((f, j) => { if (j) box.append(", "); link(make("span", "", "", box), f.other); });
  }
  const size = data.cards.n_parameters, smaller = !size || size[model] === null ? [] : found.filter(f => f.verdict !== "better" && size[f.other] !== null && size[f.other] < size[model]);
  if (smaller.length) {
    const least = smaller.reduce((x, y) => size[y.other] < size[x.other] ? y : x), box = say("smallest here that is not surely worse", "");
    link(make("span", "", "", box), least.other);
    box.append(` (${sizeWords(size[least.other])})`);
  }
  const byFamily = $("model-families");
  byFamily.textContent = "";
  for (let v = 1; v < data.views.length; v++) {
    const part = /** @type {View} */ (await loadView(v)), at = part.place[model];
    if (at < 0) continue;
    const row = make("tr", "", undefined, byFamily);
    make("th", "", part.name, row).scope = "row";
    make("td", "num", String(part.tasks), row);
    make("td", "num", number(part.models.rank[at], Number.isInteger(part.models.rank[at]) ? 0 : 1), row);
    make("td", "num", part.models.rank_low[at] ? `${part.models.rank_low[at]}\u2013${part.models.rank_high[at]}` : NONE, row);
    make("td", "num roomy", number(part.models.mean[at], data.digits), row);
  }
  $("model-by-family").hidden = !byFamily.rows.length;
};

/** The interval of x minus y within each task that has samples. @returns {Promise<Map<number, [number, number]>>} */
const withinTasks = async (x, y) => {
  const found = new Map();
  if (!data.intervals) return found;
  data.intervals.columns ??= await unpack(data.intervals.rows);
  const I = data.intervals.columns;
  for (let i = 0; i < I.rows; i++) {
    if (I.a[i] === x && I.b[i] === y) found.set(I.task[i], [I.low[i], I.high[i]]);
    else if (I.a[i] === y && I.b[i] === x) found.set(I.task[i], [-I.high[i], -I.low[i]]);
  }
  return found;
};

const showPair = async (x, y) => {
  const view = await loadView(0), S = chart.scores, box = $("two-plot");
  $("two-first").value = x;
  $("two-second").value = y;
  $("two-sentence").textContent = x === y ? "Choose two different models." : pairSentence(view, x, y);
  for (const element of [box, $("two-tally"), $("two-intervals")]) element.textContent = "";
  if (x === y) return;
  const list = [];
  for (let t = 0; t < T; t++) {
    const d = S[x * T + t] - S[y * T + t];
    if (!Number.isNaN(d)) list.push({t, d});
  }
  list.sort((p, q) => (q.d - p.d) * (data.higher ? 1 : -1) || p.t - q.t);
  const better = d => d === 0 ? 0 : (d > 0) === data.higher ? 1 : -1;
  const won = list.filter(p => better(p.d) > 0).length, lost = list.filter(p => better(p.d) < 0).length;
  $("two-tally").textContent = `${data.models[x]} is ahead on ${units(won)}, ${data.models[y]} on ${count(lost)}` + (list.length - won - lost ? `, ${count(list.length - won - lost)} tied.` : ".");
  const within = await withinTasks(x, y);
  const ends = list.flatMap(p => within.get(p.t) ?? []).filter(Number.isFinite);
  const reach = Math.max(1e-12, ...list.map(p => Math.abs(p.d)), ...ends.map(Math.abs)), across = scaled(-reach, reach);
  $("two-intervals").textContent = within.size ? data.intervals.said : "";
  const dots = make("table", "dots", undefined, box);
  make("caption", "hidden", "Differences task by task", dots);
  const head = make("tr", "", undefined, make("thead", "", undefined, dots));
  for (const [kind, text] of [["", "task"], ["roomy", "family"], ["num roomy", short(data.models[x])], ["num roomy", short(data.models[y])], ["num", "difference"], ...(within.size ? [["num roomy", `${data.level} interval`]] : []), ["wide", ""]]) {
    const cell = named(make("th", kind, undefined, head), text);
    cell.scope = "col";
    if (kind === "wide") make("span", "hidden", "the same as a picture", cell);
  }
  const into = make("tbody", "", undefined, dots);
  for (const {t, d} of list) {
    const [low, high] = within.get(t) ?? [NaN, NaN];
    // Where intervals are drawn, colours are for those that leave out 0.
    const sure = !within.size || low > 0 || high < 0;
    const row = make("tr", !sure || better(d) === 0 ? "" : better(d) > 0 ? "better" : "worse", undefined, into);
    named(make("th", "name", undefined, row), data.tasks[t]).scope = "row";
    make("td", "roomy", data.families[t] || "", row);
    make("td", "num roomy", number(S[x * T + t], data.digits), row);
    make("td", "num roomy", number(S[y * T + t], data.digits), row);
    make("td", "num", number(d, data.digits, true), row);
    if (within.size) make("td", "num roomy", interval(low, high), row);
    const bar = within.size ? known(low) && known(high) ? [["bar", across(low), across(high)]] : [] : [["bar", Math.min(50, across(d)), Math.max(50, across(d))]];
    lane(make("td", "wide", "", row), [["zero", 50], ...bar, ["dot", across(d)]]);
  }
};

/** Follow the address: #model=NAME or #pair=NAME&with=NAME. */
const follow = async (address = location.hash) => {
  const asked = new URLSearchParams(address.slice(1)), find = key => data.models.indexOf(asked.get(key) ?? "");
  if (asked.has("pair") && find("pair") >= 0 && find("with") >= 0) {
    await showPair(find("pair"), find("with"));
    $("two").scrollIntoView({behavior: "instant"});
    $("two-first").focus({preventScroll: true});
  } else if (asked.has("model") && find("model") >= 0) {
    await showModel(find("model"));
    $("model").scrollIntoView({behavior: "instant"});
    $("model-choice").focus({preventScroll: true});
  }
};
const startModels = async () => {
  for (const id of ["model-choice", "two-first", "two-second"]) fill($(id));
  const go = to => { if (!inNotebook) history.replaceState(null, "", to); };
  $("model-choice").addEventListener("change", event => { const m = Number(event.target.value); go(modelLink(m)); showModel(m); });
  for (const id of ["two-first", "two-second"]) $(id).addEventListener("change", () => {
    const x = Number($("two-first").value), y = Number($("two-second").value);
    go(pairLink(x, y));
    showPair(x, y);
  });
  for (const id of ["model-controls", "two"]) $(id).hidden = false;
  const start = data.control ?? 0;
  await showModel(start);
  if (K > 1) await showPair(data.control === null ? 0 : 0 === start ? 1 : 0, data.control === null ? 1 : start);
  window.addEventListener("hashchange", () => follow());
  await follow();
};
