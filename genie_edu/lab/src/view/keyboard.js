// @ts-check

import { handleOf } from "./handles.js";
import { clamp } from "./numbers.js";
import { FAR } from "./pens.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 8; // pixels that an arrow key moves a handle; one with Shift
const PAGE = 40; // pixels that PageUp moves a slider's handle

/**
 * The way along a slider's axis that a key goes, in pixels; up counts as right.
 * @type {(e: KeyboardEvent, stride?: number) => number}
 */
function wayAlong(e, stride) {
  const fine = stride ?? (e.shiftKey ? 1 : STEP);
  if (ARROWS[e.key]) return fine * (ARROWS[e.key][0] - ARROWS[e.key][1]);
  return { PageUp: PAGE, PageDown: -PAGE, Home: -FAR, End: FAR }[e.key] ?? 0;
}

/** Moves a handle; whether the key did. @type {(lab: any, e: KeyboardEvent, el: HTMLElement) => boolean} */
function moveHandle(lab, e, el) {
  if (lab.pending) lab.frame(); // a handle moves from where the last key put it
  const handle = handleOf(lab, el.dataset.id);
  if (!handle) return false;
  const way = handle.slider
    ? [wayAlong(e, handle.slider.stride), 0]
    : (ARROWS[e.key] ?? [0, 0]).map((v) => v * (e.shiftKey ? 1 : STEP));
  if (!way[0] && !way[1]) return false;
  lab.set(handle.move(way[0], way[1]), "input");
  return true;
}

/**
 * Moves a range as the browser would; whether the key did.
 * @type {(e: KeyboardEvent, el: HTMLInputElement) => boolean}
 */
function moveRange(e, el) {
  const span = Number(el.max) - Number(el.min);
  const page = Math.max(1, Math.round(span / Number(el.step) / 10));
  const arrow = ARROWS[e.key];
  const steps = arrow ? arrow[0] - arrow[1] : ({ PageUp: page, PageDown: -page }[e.key] ?? 0);
  if (steps > 0) el.stepUp(steps);
  else if (steps < 0) el.stepDown(-steps);
  else if (e.key === "Home") el.value = el.min;
  else if (e.key === "End") el.value = el.max;
  else return false;
  el.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

/**
 * Chooses the option above or below; whether the key does that.
 * @type {(e: KeyboardEvent, el: HTMLSelectElement) => boolean}
 */
function moveSelect(e, el) {
  if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return false;
  const next = clamp(el.selectedIndex + ARROWS[e.key][1], 0, el.options.length - 1);
  if (next === el.selectedIndex) return true;
  el.selectedIndex = next;
  el.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/**
 * Enter on the order plot's range measures there; whether it did.
 * @type {(lab: any, e: KeyboardEvent, el: HTMLInputElement) => boolean}
 */
function measureHere(lab, e, el) {
  const measure = lab.parts.live.querySelector("button[name=measure]");
  if (e.key !== "Enter" || el.name !== "n_steps" || !measure) return false;
  measure.click();
  return true;
}

/**
 * JupyterLab's command mode takes arrow keys, Enter and letters from everything that is not a text field: the lab
 * does these keys itself and keeps them from bubbling on.
 * @type {(lab: import("./lab.js").Lab, e: KeyboardEvent) => void}
 */
export function onKey(lab, e) {
  if (e.altKey || e.ctrlKey || e.metaKey) return;
  const el = /** @type {any} */ (e.target);
  const isRange = el instanceof HTMLInputElement && el.type === "range";
  const done =
    (el.classList.contains("gl-handle") && moveHandle(lab, e, el)) ||
    (isRange && (measureHere(lab, e, el) || moveRange(e, el))) ||
    (el instanceof HTMLSelectElement && moveSelect(e, el));
  if (done) {
    e.preventDefault();
    e.stopPropagation();
    return;
  }
  const presses = el instanceof HTMLButtonElement || el.tagName === "SUMMARY" || el.type === "checkbox";
  if (presses && ["Enter", " "].includes(e.key)) e.stopPropagation();
}
