// The widget of a notebook: the report's page in a frame of its own, and what is chosen in it kept equal to the kernel's.
// The page comes from the kernel when the widget is shown, so that a saved notebook does not hold it.
const CHOICES = ["pinned", "search", "families"];

const render = ({model, el}) => {
  const frame = document.createElement("iframe");
  frame.title = model.get("title");
  // Without an origin of its own, the page can reach nothing of the notebook; it may open links and save files.
  frame.setAttribute("sandbox", "allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox");
  frame.setAttribute("allow", "clipboard-write");
  frame.style.cssText = `display: block; box-sizing: border-box; width: 100%; height: ${model.get("height")}px; border: 1px solid #8c939b; resize: vertical; overflow: auto;`;
  const choose = () => {
    const asked = Object.fromEntries(CHOICES.map(name => [name, model.get(name)]));
    frame.contentWindow?.postMessage({embsig: "choose", ...asked}, "*");
  };
  const hear = event => {
    if (event.source !== frame.contentWindow) return;
    if (event.data?.embsig === "ready") choose();
    if (event.data?.embsig !== "chosen") return;
    for (const name of CHOICES) model.set(name, event.data[name]);
    model.save_changes();
  };
  const receive = message => { if (message.page && !frame.srcdoc) frame.srcdoc = message.page; };
  window.addEventListener("message", hear);
  model.on("msg:custom", receive);
  for (const name of CHOICES) model.on(`change:${name}`, choose);
  el.appendChild(frame);
  model.send({ask: "page"});
  return () => {
    window.removeEventListener("message", hear);
    model.off("msg:custom", receive);
    for (const name of CHOICES) model.off(`change:${name}`, choose);
  };
};
export default {render};
