// @ts-check

import { h } from "./dom.js";
import { clamp } from "./numbers.js";

export function syncHandles(lab) {
  lab.handles = lab.view.handles(lab, lab.width, lab.heightPx);
  const wanted = new Set(lab.handles.map((q) => q.id));
  for (const [id, el] of lab.handleEls)
    if (!wanted.has(id)) {
      el.remove();
      lab.handleEls.delete(id);
    }
  for (const handle of lab.handles) {
    let el = lab.handleEls.get(handle.id);
    if (!el) {
      el = h("button", { type: "button", class: `gl-handle gl-handle-${handle.kind}`, "data-id": handle.id });
      el.addEventListener("pointerdown", (e) => dragHandle(lab, e, el));
      el.addEventListener("focus", () => {
        const q = lab.handles.find((x) => x.id === el.dataset.id);
        if (q?.select) lab.set(q.select(), "input");
      });
      lab.plot.append(el);
      lab.handleEls.set(handle.id, el);
    }
    const x = clamp(handle.x, 14, lab.width - 14);
    const y = clamp(handle.y, 14, lab.heightPx - 14);
    if (Number.isFinite(x) && Number.isFinite(y))
      el.style.transform = `translate(${(x - 14).toFixed(1)}px, ${(y - 14).toFixed(1)}px)`;
    if (el.textContent !== handle.text) el.textContent = handle.text;
    if (el.getAttribute("aria-label") !== handle.label) el.setAttribute("aria-label", handle.label);
    if (handle.slider) {
      const { low, high, now, text } = handle.slider;
      for (const [name, v] of [
        ["role", "slider"],
        ["aria-valuemin", Math.min(low, now)],
        ["aria-valuemax", Math.max(high, now)],
        ["aria-valuenow", now],
        ["aria-valuetext", text],
      ])
        el.setAttribute(name, String(v));
    }
    el.classList.toggle("gl-selected", Boolean(handle.selected));
  }
}

function dragHandle(lab, e, el) {
  if (e.button > 0) return;
  const handle = lab.handles.find((q) => q.id === el.dataset.id);
  const x0 = e.clientX;
  const y0 = e.clientY;
  if (!handle) return;
  e.preventDefault();
  el.focus({ preventScroll: true });
  el.setPointerCapture?.(e.pointerId);
  const move = (ev) => lab.set(handle.move(ev.clientX - x0, ev.clientY - y0), "input");
  const stop = () => {
    for (const [type, fn] of [
      ["pointermove", move],
      ["pointerup", stop],
      ["pointercancel", stop],
      ["lostpointercapture", stop],
    ])
      el.removeEventListener(type, fn);
    if (lab.dragging) {
      clearTimeout(lab.settle);
      lab.dragging = false;
      lab.request();
    }
  };
  for (const [type, fn] of [
    ["pointermove", move],
    ["pointerup", stop],
    ["pointercancel", stop],
    ["lostpointercapture", stop],
  ])
    el.addEventListener(type, fn);
}
