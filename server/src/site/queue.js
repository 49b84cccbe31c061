// Keys of a queue and of a matter opened from one, and a box that ticks all rows. Without this script boxes, links and buttons do the same.
(() => {
  const help = document.querySelector("[data-keys]");
  if (!help) return;
  const all = (selector) => [...document.querySelectorAll(selector)];

  const every = document.querySelector("[data-all]");
  if (every) {
    const boxes = all(".queue input"), whole = every.querySelector("input");
    const show = () => (whole.checked = boxes.every((box) => box.checked));
    whole.addEventListener("change", () => boxes.forEach((box) => (box.checked = whole.checked)));
    boxes.forEach((box) => box.addEventListener("change", show));
    show();
    every.hidden = false;
  }

  // Without storage the choice holds until the page is left.
  const NAME = "registrar.keys", toggle = help.querySelector("input");
  let kept = {};
  try { kept = localStorage; } catch {}
  toggle.checked = kept[NAME] !== "off";
  toggle.addEventListener("change", () => (kept[NAME] = toggle.checked ? "on" : "off"));
  help.hidden = false;

  const focused = () => document.activeElement;
  const at = (selector, act) => () => document.querySelector(selector)?.[act]();
  // The links of the rows, and of the next page after them.
  const stops = all(".queue .row-title, .pager a, .pager button");
  const move = (by) => {
    const here = stops.findIndex((stop) => (stop.closest("tr") ?? stop).contains(focused()));
    stops[Math.max(0, Math.min(here + by, stops.length - 1))]?.focus();
  };
  // The ways to decide in turn; those in a closed part are behind its heading.
  const decide = () => {
    const ways = all("#decision :is([name=_action], details:not([open]) > summary, a.btn)")
      .filter((way) => way.getClientRects().length);
    ways[(ways.indexOf(focused()) + 1) % ways.length]?.focus();
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => focused().closest(".queue tr")?.querySelector("input")?.click(),
    b: at(".batch button", "focus"),
    "/": at("#f-words", "focus"),
    n: at("[data-key=n]", "click"),
    u: at("[data-key=u]", "click"),
    d: decide,
  };
  document.addEventListener("keydown", (event) => {
    const { target, key, ctrlKey, metaKey, altKey, isComposing } = event;
    if (!toggle.checked || ctrlKey || metaKey || altKey || isComposing || !Object.hasOwn(keys, key)) return;
    if (target.closest("input, select, textarea") && !target.closest(".queue tr")) return;
    event.preventDefault();
    keys[key]();
  });
})();
