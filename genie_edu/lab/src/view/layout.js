// @ts-check

import { makeControl } from "./controls/make.js";
import { h } from "./dom.js";
import { onKey } from "./keyboard.js";
import { saveAs, showLink, showPython } from "./saving.js";

export function buildLab(lab) {
  const { config, root } = lab;
  const first = config.first.map((k) => makeControl(lab, k));
  const more = config.more.map((k) => makeControl(lab, k));
  const last = (config.last ?? []).map((k) => makeControl(lab, k));
  lab.controls = [...first, ...more, ...last];
  lab.canvas = h("canvas", { role: "img", "aria-label": config.alt });
  lab.plot = h("div", { class: "gl-plot" }, lab.canvas);
  lab.summaryEl = h("p", { class: "gl-summary", role: "status", "aria-live": "polite" });
  lab.noteEl = h("p", { class: "gl-note", role: "status" });
  lab.readoutEl = h("div", { class: "gl-readout" });
  lab.afterEl = h("p", { class: "gl-after" });
  lab.tableEl = h("div", { class: "gl-table", tabindex: "0", role: "group", "aria-label": "Numbers of this picture" });
  lab.panel = h("div", { class: "gl-panel" });
  lab.numbers = h(
    "details",
    {
      class: "gl-details",
      ontoggle: () => {
        lab.tableStamp = null;
        lab.request();
      },
    },
    h("summary", {}, "Numbers as a table"),
    lab.tableEl,
  );
  const button = (name, label, action) => h("button", { type: "button", name, onclick: action }, label);
  const tools = [
    button("reset", "Reset", () => lab.reset()),
    button("python", "Copy as Python", () => showPython(lab)),
  ];
  if (lab.host.fragment) tools.push(button("link", "Copy link", () => showLink(lab)));
  tools.push(
    button("svg", "SVG", () => saveAs(lab, "svg")),
    button("png", "PNG", () => saveAs(lab, "png")),
    button("csv", "CSV", () => saveAs(lab, "csv")),
  );
  const side = h(
    "div",
    { class: "gl-side" },
    h("div", { class: "gl-first" }, ...first.map((c) => c.el)),
    lab.readoutEl,
    ...last.map((c) => c.el),
    last.length ? lab.afterEl : null,
    lab.summaryEl,
  );
  const foot = h(
    "div",
    { class: "gl-foot" },
    h(
      "div",
      { class: "gl-try", role: "group", "aria-label": "Settings to try" },
      h("span", { class: "gl-try-word", "aria-hidden": "true" }, "Try"),
      ...config.presets.map((p, i) => button(`preset_${i + 1}`, p.name, () => lab.preset(p))),
    ),
    lab.noteEl,
    more.length
      ? h(
          "details",
          { class: "gl-details gl-more" },
          h("summary", {}, "More settings"),
          h("div", { class: "gl-grid" }, ...more.map((c) => c.el)),
        )
      : null,
    lab.numbers,
    h("div", { class: "gl-tools", role: "group", "aria-label": "Reset, copy and save" }, ...tools),
    lab.panel,
  );
  lab.live = h(
    "div",
    {
      class: `gl-live gl-view-${config.view}${lab.view.broad ? " gl-broad" : ""}`,
      role: "group",
      "aria-label": config.title,
    },
    h("p", { class: "gl-title" }, config.title),
    config.about ? h("p", { class: "gl-about gl-small" }, config.about) : null,
    h("div", { class: "gl-body" }, lab.plot, side, foot),
  );
  root.append(lab.live);
  lab.handleEls = new Map();
  lab.live.addEventListener("keydown", (e) => onKey(lab, e));
  const go = (ev) => {
    const r = lab.canvas.getBoundingClientRect();
    const patch = lab.view.press(lab, ev.clientX - r.left, ev.clientY - r.top, lab.width, lab.heightPx);
    if (patch) lab.set(patch, "input");
  };
  if (lab.view.hover)
    lab.canvas.addEventListener("pointermove", (e) => {
      if (e.pointerType === "mouse" && e.buttons === 0) go(e);
    });
  lab.canvas.addEventListener("pointerdown", (e) => {
    if (!lab.view.press) return;
    lab.canvas.setPointerCapture?.(e.pointerId);
    const stop = () => {
      lab.canvas.removeEventListener("pointermove", go);
      lab.canvas.removeEventListener("pointerup", stop);
      lab.canvas.removeEventListener("pointercancel", stop);
    };
    lab.canvas.addEventListener("pointermove", go);
    lab.canvas.addEventListener("pointerup", stop);
    lab.canvas.addEventListener("pointercancel", stop);
    go(e);
  });
}
