// Scores task by task on a canvas with labels that can be read: what does not fit scrolls.
const startTasks = () => {
  const box = $("scores-map");
  if (!box || !T || !data.means) return;
  const S = chart.scores, canvas = /** @type {HTMLCanvasElement} */ (make("canvas")), W = 22, H = 20, LEFT = innerWidth < 700 ? 120 : 200, TOP = 150, TILT = Math.PI / 2.6;
  // The slanted names of tasks end within the canvas, above and at the right.
  const LONG = (TOP - 16) / Math.sin(TILT), RIGHT = LONG * Math.cos(TILT);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const columns = [...Array(T).keys()].sort((x, y) => String(data.families[x]).localeCompare(String(data.families[y]), "en") || x - y);
  // The shade is a model's place on the task, so that easy and hard tasks can be read alike.
  const place = columns.map(t => {
    const there = [...Array(K).keys()].filter(m => !Number.isNaN(S[m * T + t])).sort((x, y) => S[y * T + t] - S[x * T + t]);
    const share = new Float64Array(K).fill(NaN);
    there.forEach((m, i) => { share[m] = there.length > 1 ? (data.higher ? i : there.length - 1 - i) / (there.length - 1) : 0; });
    return share;
  });
  const MOST = 16000;
  const holder = make("div", "scroll map", undefined, box), said = make("p", "note", "Hover or tap a cell for its score.", box);
  make("p", "note", "The more a cell stands out, the better the model's place on that task; no cell: no score.", box);
  holder.tabIndex = 0;
  holder.setAttribute("role", "region");
  holder.setAttribute("aria-label", "Scores of each model on each task; the same numbers are in scores.csv below");
  holder.appendChild(canvas);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${units(T)} by ${count(K)} models, the best of each task stand out most; the numbers are in scores.csv`);
  const paint = () => {
    const width = LEFT + T * W + RIGHT, height = TOP + K * H + 4;
    // A browser draws nothing on a canvas beyond its own limit: the whole map with fewer points, rather than a part of it stretched.
    const ratio = Math.min(2, window.devicePixelRatio || 1, MOST / width, MOST / height);
    canvas.width = Math.floor(width * ratio);
    canvas.height = Math.floor(height * ratio);
    draw2d(canvas.getContext("2d"), ratio);
    // A content policy admits no style attribute in markup; a property set by the script is another thing.
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  };
  const draw2d = (pen, ratio) => {
    const style = getComputedStyle(document.body), ink = style.color, night = dark.matches;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = `11px ${style.fontFamily}`;
    pen.fillStyle = ink;
    pen.textBaseline = "middle";
    columns.forEach((t, c) => {
      pen.save();
      pen.translate(LEFT + c * W + W / 2, TOP - 6);
      pen.rotate(-TILT);
      pen.fillText(fit(pen, data.tasks[t], LONG), 0, 0);
      pen.restore();
    });
    for (let m = 0; m < K; m++) {
      pen.fillStyle = ink;
      pen.textAlign = "right";
      pen.fillText(fit(pen, short(data.models[m]), LEFT - 12), LEFT - 8, TOP + m * H + H / 2);
      pen.textAlign = "left";
      columns.forEach((t, c) => {
        const share = place[c][m];
        if (Number.isNaN(share)) return;
        const light = night ? 78 - 62 * share : 28 + 66 * share;
        pen.fillStyle = `hsl(205 ${night ? 45 : 60}% ${light}%)`;
        pen.fillRect(LEFT + c * W, TOP + m * H, W - 1, H - 1);
      });
    }
  };
  // Names of one family often differ at their end alone: what does not fit is left out before it.
  const fit = (pen, text, width) => {
    const cut = n => n >= text.length ? text : `${text.slice(0, Math.ceil(.55 * n))}\u2026${text.slice(text.length - Math.floor(.45 * n))}`;
    let left = text.length;
    while (left > 3 && pen.measureText(cut(left)).width > width) left--;
    return cut(left);
  };
  const tell = event => {
    const c = Math.floor((event.offsetX - LEFT) / W), m = Math.floor((event.offsetY - TOP) / H);
    if (c < 0 || c >= T || m < 0 || m >= K) return;
    said.textContent = `${data.models[m]} on ${data.tasks[columns[c]]}: ${number(S[m * T + columns[c]], data.digits)}`;
  };
  canvas.addEventListener("pointermove", tell);
  canvas.addEventListener("pointerdown", tell);
  dark.addEventListener("change", paint);
  new IntersectionObserver((seen, observer) => {
    if (seen.some(s => s.isIntersecting)) { observer.disconnect(); paint(); }
  }, {rootMargin: "400px"}).observe(box);
  window.addEventListener("beforeprint", paint);
};
