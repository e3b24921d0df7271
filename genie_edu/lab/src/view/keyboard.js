// @ts-check
import { FAR } from "./axes.js";
import { clamp } from "./numbers.js";

/* JupyterLab's command mode takes arrow keys, Enter and letters from everything that is not a text
 * field: the lab does these keys itself and keeps them from bubbling on. */
export function onKey(lab, e) {
  const el = e.target;
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (e.altKey || e.ctrlKey || e.metaKey) return;
  const done = () => {
    e.preventDefault();
    e.stopPropagation();
  };
  if (lab.pending && el.classList.contains("gl-handle")) lab.frame(); // a handle moves from where the last key put it
  const handle = el.classList.contains("gl-handle") ? lab.handles.find((q) => q.id === el.dataset.id) : null;
  if (handle?.slider) {
    // pixels along its axis; up counts as right
    const fine = handle.slider.stride ?? (e.shiftKey ? 1 : 8);
    const along = {
      ArrowLeft: -fine,
      ArrowDown: -fine,
      ArrowRight: fine,
      ArrowUp: fine,
      PageUp: 40,
      PageDown: -40,
      Home: -FAR,
      End: FAR,
    }[e.key];
    if (along) {
      lab.set(handle.move(along, 0), "input");
      return done();
    }
  } else if (handle && keys[e.key]) {
    const step = e.shiftKey ? 1 : 8;
    lab.set(handle.move(step * keys[e.key][0], step * keys[e.key][1]), "input");
    return done();
  }
  if (el instanceof HTMLInputElement && el.type === "range") {
    const span = Number(el.max) - Number(el.min);
    const page = Math.max(1, Math.round(span / Number(el.step) / 10));
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: page, PageDown: -page };
    if (e.key in moves) {
      if (moves[e.key] > 0) el.stepUp(moves[e.key]);
      else el.stepDown(-moves[e.key]);
    } else if (e.key === "Home") el.value = el.min;
    else if (e.key === "End") el.value = el.max;
    else if (e.key === "Enter" && el.name === "n_steps" && lab.live.querySelector("button[name=measure]")) {
      lab.live.querySelector("button[name=measure]").click();
      return done();
    } else return;
    el.dispatchEvent(new Event("input", { bubbles: true }));
    return done();
  }
  if (el instanceof HTMLSelectElement && (e.key === "ArrowUp" || e.key === "ArrowDown")) {
    const next = clamp(el.selectedIndex + (e.key === "ArrowUp" ? -1 : 1), 0, el.options.length - 1);
    if (next !== el.selectedIndex) {
      el.selectedIndex = next;
      el.dispatchEvent(new Event("change", { bubbles: true }));
    }
    return done();
  }
  if (
    ["Enter", " "].includes(e.key) &&
    (el instanceof HTMLButtonElement || el.tagName === "SUMMARY" || el.type === "checkbox")
  )
    e.stopPropagation();
}
