// @ts-check

import { h } from "./dom.js";
import { labelOf, styleOf } from "./labels.js";
import { swatch } from "./swatch.js";

/** @typedef {import("./lab.js").Lab} Lab */

const SPEAK_MS = 350; // the summary is spoken once the reader rests, so that a drag is not a stream of words

/** A place for one number. */
const outputOf = (c) =>
  h("output", { name: c.name, "aria-live": "off", "data-solver": c.solver, "data-clock": c.clock });

const headRow = (texts) =>
  h("thead", {}, h("tr", {}, ...texts.map((t) => (t ? h("th", { scope: "col" }, t) : h("td")))));

/** What of the read-out is in the page until this changes: all but the numbers. @type {(spec: any) => string} */
const signatureOf = (spec) =>
  JSON.stringify([
    spec.head,
    spec.rows.map((r) => [
      r.solver,
      r.label,
      r.style,
      r.cells.map((c) => `${c.name} ${c.clock ?? ""} ${c.bar === undefined ? "" : "bar"}`),
    ]),
  ]);

/** The table of the read-out with empty places; lab.written.outputs keeps them in the order of the cells. */
function buildReadout(lab, spec) {
  const columns = Math.max(...spec.rows.map((r) => r.cells.length));
  const after = spec.after ?? [];
  const outputs = [];
  const cellOf = (c, alone) => {
    const out = outputOf(c);
    outputs.push(out);
    return h("td", { class: c.bar === undefined ? null : "gl-bar", colspan: alone }, out);
  };
  const body = spec.rows.map((r) => {
    const solver = r.solver ?? r.style;
    const name = h("span", {}, r.label ?? labelOf(lab, r.solver));
    const head = h("span", { class: "gl-name" }, solver ? swatch(lab, solver) : null, name);
    const wide = r.cells.length < columns ? columns - r.cells.length + 1 : null;
    return h("tr", {}, h("th", { scope: "row" }, head), ...r.cells.map((c) => cellOf(c, wide)));
  });
  const below = after.map(outputOf);
  lab.written.outputs = [...outputs, ...below];
  lab.parts.afterEl.replaceChildren(...below);
  lab.parts.readoutEl.replaceChildren(h("table", {}, spec.head ? headRow(spec.head) : null, h("tbody", {}, ...body)));
  if (spec.note) lab.parts.readoutEl.append(h("p", { class: "gl-small" }, spec.note));
}

/** A cell's value as the lab hands it out: numbers, lists of them, words; null for what is not finite. */
function handedOut(value) {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(/** @type {any} */ (value));
  return typeof value === "string" || Number.isFinite(value) ? value : null;
}

/**
 * Brings numbers, summary, note and table to what was computed, and hands the numbers out.
 * @type {(lab: Lab) => void}
 */
export function updateReadout(lab) {
  const spec = lab.view.readout(lab, lab.R);
  const signature = signatureOf(spec);
  if (signature !== lab.written.signature) {
    lab.written.signature = signature;
    buildReadout(lab, spec);
  }
  /** @type {Record<string, any>} */
  const values = {};
  [...spec.rows.flatMap((r) => r.cells), ...(spec.after ?? [])].forEach((c, i) => {
    const out = lab.written.outputs[i];
    if (out.textContent !== c.text) out.textContent = c.text;
    if (c.bar !== undefined) {
      out.parentElement.style.setProperty("--gl-share", String(Number.isFinite(c.bar) ? c.bar : 0));
      out.parentElement.style.setProperty("--gl-bar-color", styleOf(lab, c.solver).color);
    }
    const sub = c.solver ?? c.clock;
    if (sub) values[c.name] = { ...values[c.name], [sub]: handedOut(c.value) };
    else values[c.name] = handedOut(c.value);
  });
  lab.values = values;
  saySummary(lab, lab.view.summary(lab, lab.R));
  if (lab.parts.noteEl.textContent !== lab.note) lab.parts.noteEl.textContent = lab.note;
  if (lab.parts.numbers.open && !lab.dragging) fillTable(lab);
  lab.host.onReadout?.(values);
}

/** @type {(lab: Lab, sentence: string) => void} */
function saySummary(lab, sentence) {
  if (sentence === lab.written.sentence) return;
  lab.written.sentence = sentence;
  clearTimeout(lab.speaking);
  const say = () => {
    lab.parts.summaryEl.textContent = lab.written.sentence;
  };
  if (lab.parts.summaryEl.textContent) lab.speaking = setTimeout(say, SPEAK_MS);
  else say();
}

/** @type {(lab: Lab) => void} */
function fillTable(lab) {
  const t = lab.view.table(lab, lab.R);
  const stamp = JSON.stringify(t);
  if (stamp === lab.written.table) return;
  lab.written.table = stamp;
  const rowOf = ([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((c) => h("td", {}, c)));
  const body = h("tbody", {}, ...t.rows.map(rowOf));
  lab.parts.tableEl.replaceChildren(h("table", {}, h("caption", {}, t.caption), headRow(t.head), body));
}
