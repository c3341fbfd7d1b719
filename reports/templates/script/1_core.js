// What the other parts stand on: the page's data, numbers as text, tables that sort. No statistics: means, ranks, counting, sorting.
/** @typedef {{rows: number, [column: string]: any}} Columns */
/** @typedef {{name: string, tasks: number, names: string[], decided: number, models: Columns, pairs: Columns, at: Int32Array, place: Int32Array}} View */
/** @param {string} id @returns {any} */
const $ = id => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const K = data.models.length, T = data.tasks.length, SVG = "http://www.w3.org/2000/svg", MINUS = "\u2212", NONE = "\u2013";
const TYPES = {u1: Uint8Array, u2: Uint16Array, i2: Int16Array, f4: Float32Array, f8: Float64Array};
/** @param {string} selector @returns {any[]} */
const every = selector => [...document.querySelectorAll(selector)];

/** Read binary columns as reports/page/packing.py writes them. @returns {Promise<Columns>} */
const unpack = async packed => {
  const raw = Uint8Array.from(atob(packed.data), c => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  const body = new Uint8Array(await new Response(stream).arrayBuffer());
  const found = {rows: packed.rows};
  let start = 0;
  for (const [name, type] of packed.columns) {
    const [kind, places] = type.split("."), Kind = TYPES[kind], width = Kind.BYTES_PER_ELEMENT, bytes = new Uint8Array(width * packed.rows);
    for (let b = 0; b < width; b++) for (let i = 0; i < packed.rows; i++) bytes[i * width + b] = body[start + b * packed.rows + i];
    start += width * packed.rows;
    found[name] = new Kind(bytes.buffer);
    if (places) found[name] = Float32Array.from(found[name], v => v === -32768 ? NaN : v / 10 ** Number(places));
  }
  return found;
};

/** Views that were computed, each unpacked when it is first asked for; -1 is the one on clean tasks. @type {Map<number, Promise<View>>} */
const loaded = new Map();
const loadView = number => {
  if (!loaded.has(number)) loaded.set(number, (async () => {
    const given = number < 0 ? data.clean.view : data.views[number], [models, pairs] = await Promise.all([unpack(given.models), unpack(given.pairs)]);
    const at = new Int32Array(K * K).fill(-1), place = new Int32Array(K).fill(-1);
    for (let i = 0; i < pairs.rows; i++) at[pairs.a[i] * K + pairs.b[i]] = i;
    for (let i = 0; i < models.rows; i++) place[models.model[i]] = i;
    return {...given, models, pairs, at, place};
  })());
  return loaded.get(number);
};

/** The pair of two models as seen from the first. */
const pairOf = (view, x, y) => {
  const P = view.pairs, forward = view.at[x * K + y], i = forward >= 0 ? forward : view.at[y * K + x];
  if (i < 0) return null;
  const first = forward >= 0, sign = first ? 1 : -1, of = c => P[c] ? P[c][i] : NaN, code = P.verdict[i];
  const loss = P.loss ? P.loss[i] : of("n") - of("win") - of("tie");
  return {
    i, difference: sign * of("difference"), low: first ? of("low") : -of("high"), high: first ? of("high") : -of("low"),
    p: of("pvalue_adjusted"), better: first ? of("p_better") : of("p_worse"), n: of("n"), tie: of("tie"),
    win: first ? of("win") : loss, loss: first ? loss : of("win"), equal: of("p_equivalent"),
    verdict: code === 0 ? "undecided" : code === 3 ? "equivalent" : (code === 1) === first ? "better" : "worse",
  };
};

const known = v => v !== null && v !== undefined && v !== "" && !(typeof v === "number" && Number.isNaN(v));
const number = (v, digits, signed) => {
  if (!known(v)) return NONE;
  const text = Number.isFinite(v) ? Math.abs(v).toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",") : "\u221e";
  if (Number(text) === 0) return text;
  return (v < 0 ? MINUS : signed ? "+" : "") + text;
};
const pvalue = p => !known(p) ? NONE : p < .001 ? "< 0.001" : p >= .9995 && p < 1 ? "> 0.999" : p.toFixed(3);
const chance = p => known(p) && p >= .9995 ? "> 0.999" : pvalue(p);
/** A round bracket: the end is written as 0 and leaves 0 out. */
const interval = (low, high) => {
  if (!known(low) || !known(high)) return NONE;
  if (low === -Infinity && high === Infinity) return "unbounded";
  const [first, last] = [low, high].map(v => number(v, data.digits, true));
  return `${low > 0 && Number(first) === 0 ? "(" : "["}${first}, ${last}${high < 0 && Number(last) === 0 ? ")" : "]"}`;
};
const plainInterval = (low, high) => !known(low) || !known(high) ? NONE : low === -Infinity && high === Infinity ? "unbounded"
  : `[${number(low, data.digits)}, ${number(high, data.digits)}]`;
const count = n => n.toLocaleString("en");
const units = n => `${count(n)} ${n === 1 ? data.unit : data.unit === "query" ? "queries" : data.unit + "s"}`;
const short = name => name.includes("/") ? name.slice(name.indexOf("/") + 1) : name;

/** An element with a class, a text and a parent. @returns {any} */
const make = (tag, kind, text, parent) => {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text !== undefined) element.textContent = text;
  if (parent) parent.appendChild(element);
  return element;
};
/** A name that may break between its parts, as reports/templating.py has it. */
const named = (element, name) => {
  name.split(/(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[_+/])(?=\w)/).forEach((part, i) => { if (i) make("wbr", "", undefined, element); element.append(part); });
  return element;
};
const draw = (tag, attributes, parent) => {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (parent) parent.appendChild(element);
  return element;
};
const line = (parent, kind, x1, x2, y1, y2) => draw("line", {class: kind, x1: x1.toFixed(1), x2: x2.toFixed(1), y1, y2}, parent);

// Links within the page: a model, or a pair, by name, so that the address can be sent.
const modelLink = model => `#model=${encodeURIComponent(data.models[model])}`;
const pairLink = (x, y) => `#pair=${encodeURIComponent(data.models[x])}&with=${encodeURIComponent(data.models[y])}`;
const link = (parent, model, href) => {
  parent.textContent = "";
  const anchor = named(make("a", "", undefined, parent), data.models[model]);
  anchor.href = href || modelLink(model);
  return anchor;
};

// Undefined values come last in either direction.
const order = (x, y, ascending) => {
  if (!known(x) || !known(y)) return Number(!known(x)) - Number(!known(y));
  const sign = typeof x === "string" ? x.localeCompare(y, "en", {numeric: true, sensitivity: "base"}) : x - y;
  return ascending ? sign : -sign;
};
/** Headings that sort; `apply(column, ascending)` lays the rows out anew. */
const sortable = (table, apply) => {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.dataset.nosort !== undefined) return;
    const button = make("button", "", head.textContent);
    button.type = "button";
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
const words = text => text.trim().toLowerCase().split(/\s+/).filter(Boolean);
const later = (wait, act) => { let timer = 0; return () => { clearTimeout(timer); timer = setTimeout(act, wait); }; };

/** Ranks of the models on one task: 1 is best, equal scores share the mean of their places; NaN where there is no score. */
const ranksOn = (scores, t) => {
  const there = [], ranks = new Float64Array(K).fill(NaN);
  for (let m = 0; m < K; m++) if (!Number.isNaN(scores[m * T + t])) there.push(m);
  there.sort((x, y) => (scores[y * T + t] - scores[x * T + t]) * (data.higher ? 1 : -1));
  for (let i = 0; i < there.length;) {
    let j = i;
    while (j < there.length && scores[there[j] * T + t] === scores[there[i] * T + t]) j++;
    for (let l = i; l < j; l++) ranks[there[l]] = (i + j + 1) / 2;
    i = j;
  }
  return ranks;
};
/** Ranks by task are kept per table of scores: a filter only adds them up. @type {Map<Float64Array, Float64Array[]>} */
const ranked = new Map();
const ranksOf = (scores, t) => {
  const kept = ranked.get(scores) ?? [];
  ranked.set(scores, kept);
  return kept[t] ??= ranksOn(scores, t);
};
/**
 * Mean, and mean rank, of each model over some tasks. A rank needs all of them, or, with `own`, is over those that the model has.
 * @param {Float64Array} scores @param {number[]} tasks @param {boolean} own
 */
const described = (scores, tasks, own = false) => {
  const mean = new Float64Array(K), rank = new Float64Array(K), seen = new Float64Array(K);
  for (const t of tasks) {
    const ranks = ranksOf(scores, t);
    for (let m = 0; m < K; m++) if (!Number.isNaN(ranks[m])) { rank[m] += ranks[m]; mean[m] += scores[m * T + t]; seen[m]++; }
  }
  for (let m = 0; m < K; m++) { mean[m] = seen[m] ? mean[m] / seen[m] : NaN; rank[m] = seen[m] && (own || seen[m] === tasks.length) ? rank[m] / seen[m] : NaN; }
  return {mean, rank, seen};
};
