// @ts-check
import { h, swatch } from "./dom.js";
import { labelOf, styleOf } from "./labels.js";

export function updateReadout(lab) {
  const { R, S } = lab;
  const spec = lab.view.readout(lab, R);
  const signature = JSON.stringify([
    spec.head,
    spec.rows.map((r) => [
      r.solver,
      r.label,
      r.style,
      r.cells.map((c) => `${c.name} ${c.clock ?? ""} ${c.bar === undefined ? "" : "bar"}`),
    ]),
  ]);
  if (signature !== lab.readoutSignature) {
    lab.readoutSignature = signature;
    lab.outputs = [];
    const columns = Math.max(...spec.rows.map((r) => r.cells.length));
    const body = spec.rows.map((r) =>
      h(
        "tr",
        {},
        h(
          "th",
          { scope: "row" },
          h(
            "span",
            { class: "gl-name" },
            (r.solver ?? r.style) ? swatch(lab, r.solver ?? r.style) : null,
            h("span", {}, r.label ?? labelOf(lab, r.solver)),
          ),
        ),
        ...r.cells.map((c) => {
          const out = h("output", { name: c.name, "aria-live": "off", "data-solver": c.solver, "data-clock": c.clock });
          lab.outputs.push(out);
          return h(
            "td",
            {
              class: c.bar === undefined ? null : "gl-bar",
              colspan: r.cells.length < columns ? columns - r.cells.length + 1 : null,
            },
            out,
          );
        }),
      ),
    );
    lab.readoutEl.replaceChildren(
      h(
        "table",
        {},
        spec.head
          ? h("thead", {}, h("tr", {}, ...spec.head.map((t) => (t ? h("th", { scope: "col" }, t) : h("td", {})))))
          : null,
        h("tbody", {}, ...body),
      ),
    );
    for (const c of spec.after ?? []) lab.outputs.push(h("output", { name: c.name, "aria-live": "off" }));
    lab.afterEl.replaceChildren(...lab.outputs.slice(lab.outputs.length - (spec.after ?? []).length));
    if (spec.note) lab.readoutEl.append(h("p", { class: "gl-small" }, spec.note));
  }
  const values = {};
  [...spec.rows.flatMap((r) => r.cells), ...(spec.after ?? [])].forEach((c, i) => {
    if (lab.outputs[i].textContent !== c.text) lab.outputs[i].textContent = c.text;
    if (c.bar !== undefined) {
      const cell = lab.outputs[i].parentElement.style;
      cell.setProperty("--gl-share", String(Number.isFinite(c.bar) ? c.bar : 0));
      cell.setProperty("--gl-bar-color", styleOf(lab, c.solver).color);
    }
    const v =
      Array.isArray(c.value) || ArrayBuffer.isView(c.value)
        ? Array.from(c.value)
        : typeof c.value === "string" || Number.isFinite(c.value)
          ? c.value
          : null;
    const sub = c.solver ?? c.clock;
    if (sub) (values[c.name] ??= {})[sub] = v;
    else values[c.name] = v;
  });
  lab.values = values;
  const sentence = lab.view.summary(lab, R);
  if (sentence !== lab.sentence) {
    lab.sentence = sentence;
    clearTimeout(lab.speaking); // spoken once the reader rests, so that a drag is not a stream of words
    if (!lab.summaryEl.textContent) lab.summaryEl.textContent = sentence;
    else
      lab.speaking = setTimeout(() => {
        lab.summaryEl.textContent = lab.sentence;
      }, 350);
  }
  if (lab.noteEl.textContent !== lab.note) lab.noteEl.textContent = lab.note;
  if (lab.numbers.open && !lab.dragging) fillTable(lab);
  lab.host.onReadout?.(values);
}

function fillTable(lab) {
  const t = lab.view.table(lab, lab.R);
  const stamp = JSON.stringify(t);
  if (stamp === lab.tableStamp) return;
  lab.tableStamp = stamp;
  lab.tableEl.replaceChildren(
    h(
      "table",
      {},
      h("caption", {}, t.caption),
      h("thead", {}, h("tr", {}, ...t.head.map((c) => h("th", { scope: "col" }, c)))),
      h(
        "tbody",
        {},
        ...t.rows.map((r) => h("tr", {}, h("th", { scope: "row" }, r[0]), ...r.slice(1).map((c) => h("td", {}, c)))),
      ),
    ),
  );
}
