// @ts-check

import { isFor } from "../engine/link.js";
import { makeControl } from "./controls/make.js";
import { h } from "./dom.js";
import { onKey } from "./keyboard.js";
import { saveAs, showLink, showPython } from "./saving.js";

/** As at first; an address that says otherwise is forgotten. @param {any} lab */
function startOver(lab) {
  lab.reset();
  if (lab.host.fragment && isFor(location.hash, lab.config.scenario))
    history.replaceState(null, "", location.href.split("#")[0]);
}

const button = (name, label, action) => h("button", { type: "button", name, onclick: action }, label);

/** Reset, copy and save. */
function toolButtons(lab) {
  return [
    button("reset", "Reset", () => lab.undoable(() => startOver(lab))),
    button("undo", "Undo", () => lab.undo()),
    button("python", "Copy as Python", () => showPython(lab)),
    lab.host.fragment ? button("link", "Copy link", () => showLink(lab)) : null,
    ...["svg", "png", "csv"].map((kind) => button(kind, kind.toUpperCase(), () => saveAs(lab, kind))),
  ];
}

/** A press on the picture, and what follows it while the pointer is down; with a mouse where the view hovers. */
function watchPresses(lab, canvas) {
  const { view } = lab;
  if (!view.press) return;
  const go = (e) => {
    const r = canvas.getBoundingClientRect();
    const patch = view.press(lab, e.clientX - r.left, e.clientY - r.top, lab.width, lab.heightPx);
    if (patch) lab.set(patch, "input");
  };
  if (view.hover)
    canvas.addEventListener("pointermove", (e) => {
      if (e.pointerType === "mouse" && e.buttons === 0) go(e);
    });
  canvas.addEventListener("pointerdown", (e) => {
    canvas.setPointerCapture?.(e.pointerId);
    const during = new AbortController();
    canvas.addEventListener("pointermove", go, { signal: during.signal });
    for (const type of ["pointerup", "pointercancel"])
      canvas.addEventListener(type, () => during.abort(), { signal: during.signal });
    go(e);
  });
}

/**
 * The elements of a lab, put into its root: what it writes to is handed back by name.
 * @param {import("./lab.js").Lab} lab
 */
export function buildLab(lab) {
  const { config, root, view } = lab;
  const made = (keys = []) =>
    keys.map((key) => {
      const control = makeControl(lab, key);
      control.el.dataset.key = key;
      return control;
    });
  const [first, more, last] = [config.first, config.more, config.last].map(made);
  const els = (controls) => controls.map((c) => c.el);

  const canvas = h("canvas", { role: "img", "aria-label": config.alt });
  const plot = h("div", { class: "gl-plot" }, canvas);
  const readoutEl = h("div", { class: "gl-readout" });
  const afterEl = h("p", { class: "gl-after" });
  const summaryEl = h("p", { class: "gl-summary", role: "status", "aria-live": "polite" });
  const side = h(
    "div",
    { class: "gl-side" },
    h("div", { class: "gl-first" }, ...els(first)),
    readoutEl,
    ...els(last),
    last.length ? afterEl : null,
    summaryEl,
  );

  const noteEl = h("p", { class: "gl-note", role: "status" });
  const tableEl = h("div", {
    class: "gl-table",
    tabindex: "0",
    role: "group",
    "aria-label": "Numbers of this picture",
  });
  const panel = h("div", { class: "gl-panel" });
  const numbers = h(
    "details",
    { class: "gl-details", ontoggle: () => lab.request() },
    h("summary", {}, "Numbers as a table"),
    tableEl,
  );
  const presets = config.presets.map((p, i) => button(`preset_${i + 1}`, p.name, () => lab.preset(p)));
  const settings = h("div", { class: "gl-grid" }, ...els(more));
  const foot = h(
    "div",
    { class: "gl-foot" },
    h(
      "div",
      { class: "gl-try", role: "group", "aria-label": "Settings to try" },
      h("span", { class: "gl-try-word", "aria-hidden": "true" }, "Try"),
      ...presets,
    ),
    noteEl,
    more.length ? h("details", { class: "gl-details gl-more" }, h("summary", {}, "More settings"), settings) : null,
    numbers,
    h("div", { class: "gl-tools", role: "group", "aria-label": "Reset, copy and save" }, ...toolButtons(lab)),
    panel,
  );

  const shape = `gl-live gl-view-${config.view}${view.broad ? " gl-broad" : ""}`;
  const live = h(
    "div",
    { class: shape, role: "group", "aria-label": config.title },
    h("p", { class: "gl-title" }, config.title),
    config.about ? h("p", { class: "gl-about gl-small" }, config.about) : null,
    h("div", { class: "gl-body" }, plot, side, foot),
  );
  live.addEventListener("keydown", (e) => onKey(lab, e));
  watchPresses(lab, canvas);
  root.append(live);
  const controls = [...first, ...more, ...last];
  const handleEls = new Map();
  const undo = live.querySelector("button[name=undo]");
  return {
    controls,
    canvas,
    plot,
    readoutEl,
    afterEl,
    summaryEl,
    noteEl,
    tableEl,
    panel,
    numbers,
    live,
    handleEls,
    undo,
  };
}
