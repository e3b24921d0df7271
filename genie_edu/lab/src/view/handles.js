// @ts-check

import { h } from "./dom.js";
import { clamp } from "./numbers.js";

/** @typedef {import("./lab.js").Lab} Lab */
/** @typedef {import("./places.js").Handle} Handle */

const HALF = 14; // pixels: half the size of a handle

/** @type {(lab: Lab, id: string) => Handle | undefined} */
export const handleOf = (lab, id) => lab.handles.find((q) => q.id === id);

/** Brings the handles' elements to what the view says of them. @type {(lab: Lab) => void} */
export function syncHandles(lab) {
  lab.handles = lab.view.handles(lab, lab.width, lab.heightPx);
  const wanted = new Set(lab.handles.map((q) => q.id));
  for (const [id, el] of lab.parts.handleEls) {
    if (wanted.has(id)) continue;
    el.remove();
    lab.parts.handleEls.delete(id);
  }
  for (const handle of lab.handles) {
    if (!lab.parts.handleEls.has(handle.id)) addHandle(lab, handle);
    syncHandle(lab, handle, lab.parts.handleEls.get(handle.id));
  }
}

/** @type {(lab: Lab, handle: Handle) => void} */
function addHandle(lab, { id, kind }) {
  const el = h("button", { type: "button", class: `gl-handle gl-handle-${kind}`, "data-id": id });
  el.addEventListener("pointerdown", (e) => dragHandle(lab, e, el));
  el.addEventListener("focus", () => {
    const handle = handleOf(lab, id);
    if (handle?.select) lab.set(handle.select(), "input");
  });
  lab.parts.plot.append(el);
  lab.parts.handleEls.set(id, el);
}

/** @type {(lab: Lab, handle: Handle, el: HTMLElement) => void} */
function syncHandle(lab, handle, el) {
  const x = clamp(handle.x, HALF, lab.width - HALF);
  const y = clamp(handle.y, HALF, lab.heightPx - HALF);
  if (Number.isFinite(x) && Number.isFinite(y))
    el.style.transform = `translate(${(x - HALF).toFixed(1)}px, ${(y - HALF).toFixed(1)}px)`;
  if (el.textContent !== handle.text) el.textContent = handle.text;
  if (el.getAttribute("aria-label") !== handle.label) el.setAttribute("aria-label", handle.label);
  if (handle.slider) {
    const { low, high, now, text } = handle.slider;
    el.setAttribute("role", "slider");
    el.setAttribute("aria-valuemin", String(Math.min(low, now)));
    el.setAttribute("aria-valuemax", String(Math.max(high, now)));
    el.setAttribute("aria-valuenow", String(now));
    el.setAttribute("aria-valuetext", text);
  }
  el.classList.toggle("gl-selected", Boolean(handle.selected));
}

/** @type {(lab: Lab, e: PointerEvent, el: HTMLElement) => void} */
function dragHandle(lab, e, el) {
  const handle = handleOf(lab, el.dataset.id);
  if (e.button > 0 || !handle) return;
  e.preventDefault();
  el.focus({ preventScroll: true });
  el.setPointerCapture?.(e.pointerId);
  lab.hold(true);
  const during = new AbortController();
  const { signal } = during;
  const move = (ev) => lab.set(handle.move(ev.clientX - e.clientX, ev.clientY - e.clientY), "input");
  const stop = () => {
    during.abort();
    lab.hold(false);
    if (lab.dragging) lab.endDrag();
  };
  el.addEventListener("pointermove", move, { signal });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) el.addEventListener(type, stop, { signal });
}
