// In a cell of a notebook the page is an iframe's srcdoc: it tells the widget around it what was chosen, and takes its choices.
// Nowhere else: a page that was opened from an address neither listens to what has it in a frame, nor tells it anything.
const inNotebook = location.href.split("#")[0] === "about:srcdoc" && window.parent !== window;

const chosen = () => ({pinned: chart.pinned === null ? null : data.models[chart.pinned], search: $("chart-search").value, families: [...chart.families]});
let told = ""; // what the widget knows; nothing before it has said what it wants
const tell = () => {
  const now = JSON.stringify(chosen());
  if (!told || now === told) return;
  told = now;
  window.parent.postMessage({embsig: "chosen", ...chosen()}, "*"); // a sandboxed page has no origin, and cannot know its parent's
};
/** @param {{pinned: string|null, search: string, families: string[]}} asked */
const take = async asked => {
  told = JSON.stringify({pinned: asked.pinned, search: asked.search, families: asked.families});
  const model = asked.pinned === null ? -1 : data.models.indexOf(asked.pinned);
  chart.pinned = model < 0 ? null : model; // before families, which render: all that was asked for is shown, and told, at once
  $("chart-search").value = asked.search;
  await chooseFamilies(asked.families);
  pin(chart.pinned);
};
const startNotebook = () => {
  if (!inNotebook) return;
  window.addEventListener("message", event => {
    if (event.source === window.parent && event.data?.embsig === "choose") take(event.data);
  });
  // Such a page has no address of its own: its links within are followed here, those to elsewhere open beside the notebook.
  document.addEventListener("click", event => {
    const anchor = /** @type {HTMLElement} */ (event.target).closest("a"), href = anchor?.getAttribute("href") ?? "";
    if (anchor && /^https?:/.test(href)) anchor.target = "_blank";
    if (!href.startsWith("#")) return;
    event.preventDefault();
    if (/^#(model|pair)=/.test(href)) follow(href);
    else $(href.slice(1))?.scrollIntoView();
  });
  window.parent.postMessage({embsig: "ready"}, "*");
};
