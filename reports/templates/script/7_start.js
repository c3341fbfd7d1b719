// Copying, links out; then everything begins.
const copied = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", "hidden", text, document.body);
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.dataset.words || button.textContent;
  button.dataset.words = before;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1200);
};
const cellsOf = which => [...which.rows].filter(row => !row.hidden).map(row => [...row.cells]
  .filter(cell => !cell.querySelector("svg") && !cell.matches(".lane, .wide") && getComputedStyle(cell).display !== "none")
  .map(cell => cell.textContent.replace(/\s+/g, " ").replace(" \u2605 may be the best", " *").trim()));
const TEX = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "\u2212": "$-$", "\u2013": "--", "<": "$<$", ">": "$>$", "\u2605": "$\\star$", "\u25b2": "", "\u25bc": ""};
const tex = text => text.replace(/[\\~^\u2212\u2013<>\u2605\u25b2\u25bc]|[&%$#_{}]/g, c => TEX[c] ?? `\\${c}`);
const FORMS = {
  Markdown: lines => lines.map((cells, i) => `| ${cells.map(c => c.replace(/[|\\`*_<>[\]]/g, "\\$&")).join(" | ")} |` + (i ? "" : `\n|${" --- |".repeat(cells.length)}`)).join("\n") + "\n",
  LaTeX: lines => `\\begin{tabular}{${"l".repeat(lines[0].length)}}\n\\toprule\n${lines.map((cells, i) => `${cells.map(tex).join(" & ")} \\\\` + (i ? "" : "\n\\midrule")).join("\n")}\n\\bottomrule\n\\end{tabular}\n`,
  CSV: lines => lines.map(cells => cells.map(c => field(c.replace(/^\u2212(?=[\d.]+$)/, "-")).replace(/^'(?=-[\d.]+$)/, "")).join(",")).join("\n") + "\n",
};
const startCopying = () => {
  for (const holder of every("[data-copies]")) {
    const source = $(holder.dataset.copies), forms = source.tagName === "TABLE" ? Object.keys(FORMS) : [""];
    if (forms.length > 1) make("span", "note", "Copy as", holder);
    for (const form of forms) {
      const button = make("button", "small", form || "Copy", holder);
      button.type = "button";
      button.addEventListener("click", () => copied(button, form ? FORMS[form](cellsOf(source)) : source.textContent.trim()));
    }
    holder.hidden = false;
  }
};
const startLinks = () => {
  for (const item of every(".references li")) {
    const found = /https:\/\/(?:doi\.org|(?:www\.)?jmlr\.org)\/[^\s<>"]*[^\s<>".,;)]/.exec(item.textContent);
    if (!found || item.children.length) continue;
    const text = item.textContent;
    item.textContent = text.slice(0, found.index);
    const anchor = make("a", "", found[0], item);
    anchor.href = found[0];
    anchor.rel = "noopener noreferrer";
    item.append(text.slice(found.index + found[0].length));
  }
};
(async () => {
  startCopying();
  startLinks();
  if (typeof DecompressionStream === "undefined") return; // an old browser keeps the page as it is without scripts
  const view = await loadView(0);
  await startChart();
  startPairs(view);
  startDownloads(view);
  startTasks();
  await startModels();
  startNotebook();
  document.documentElement.dataset.ready = "yes";
})();
