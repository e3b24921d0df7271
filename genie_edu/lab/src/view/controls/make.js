// @ts-check

import { limitsOf } from "../../engine/schema.js";
import { SOLVERS } from "../../maths/solvers.js";
import { h, swatch } from "../dom.js";
import { labelOf, shortLabel } from "../labels.js";
import { clamp } from "../numbers.js";
import { CONTROLS } from "./table.js";

// makes ids unique when several labs share a page
let serial = 0;

/** One control: its element and `sync(S)`, which brings the input to the state without an event. */
export function makeControl(lab, key) {
  const c = CONTROLS[key];
  const name = c.name ?? key;
  const id = `gl-${++serial}`;
  const get = c.get ?? ((S) => S[key]);
  const set = c.set ?? ((v) => ({ [key]: v }));
  const push = (value) => lab.set(set(value, lab.S), "input");
  const show = (v) => (c.text ? c.text(v, lab) : String(v));
  const limits = { low: c.low, high: c.high, ...(lab.config.limits?.[key] ?? {}) };
  if (c.kind === "range" || c.kind === "pick") {
    const value = h("span", { class: "gl-value" });
    const pick = c.kind === "pick";
    const list = typeof c.list === "function" ? c.list(lab) : c.list;
    const input = h("input", {
      type: "range",
      id,
      name,
      min: pick ? 0 : limits.low,
      max: pick ? list.length - 1 : limits.high,
      step: pick ? 1 : c.step,
      oninput: () => push(pick ? list[Number(input.value)] : Number(input.value)),
    });
    const row = buttonRow(lab, c);
    const label = typeof c.label === "function" ? c.label(lab) : c.label;
    return {
      el: h("div", { class: "gl-control" }, h("label", { for: id }, label), value, input, row.box),
      sync(S) {
        row.sync(S);
        const v = get(S);
        const shown = pick
          ? String(
              Math.max(
                0,
                list.findIndex((n) => n >= v),
              ),
            )
          : String(v);
        if (input.value !== shown) input.value = shown;
        const text = show(v);
        if (value.textContent !== text) {
          value.textContent = text;
          input.setAttribute("aria-valuetext", text);
        }
        input.disabled = Boolean(c.disabled?.(S));
        input.style.setProperty(
          "--gl-fill",
          `${(100 * (Number(input.value) - Number(input.min))) / (Number(input.max) - Number(input.min))}%`,
        );
      },
    };
  }
  if (c.kind === "select") {
    const hint = c.hint ? h("p", { class: "gl-hint", id: `${id}-hint` }) : null;
    const input = h("select", {
      id,
      name,
      "aria-describedby": hint?.id,
      onchange: () => push(c.number ? Number(input.value) : input.value),
    });
    let signature = "";
    const label = typeof c.label === "function" ? c.label(lab) : c.label;
    const row = buttonRow(lab, c);
    return {
      el: h(
        "div",
        { class: `gl-control ${c.tall ? "gl-tall" : "gl-inline"}` },
        h("label", { for: id }, label),
        input,
        hint,
        row.box,
      ),
      sync(S) {
        row.sync(S);
        if (hint && hint.textContent !== c.hint(S)) hint.textContent = c.hint(S);
        const options = c.options(lab);
        const now = JSON.stringify(options);
        if (now !== signature) {
          signature = now;
          input.replaceChildren(...options.map(([v, text]) => h("option", { value: v }, text)));
        }
        input.value = String(get(S));
        input.disabled = Boolean(c.disabled?.(S));
      },
    };
  }
  if (c.kind === "number") {
    const input = h("input", {
      type: "number",
      id,
      name,
      min: limits.low,
      max: limits.high,
      step: c.step,
      inputmode: "decimal",
      oninput: () => {
        if (input.value !== "" && Number.isFinite(input.valueAsNumber))
          push(clamp(c.step >= 1 ? Math.round(input.valueAsNumber) : input.valueAsNumber, limits.low, limits.high));
      },
      onblur: () => {
        input.value = String(get(lab.S));
      },
    });
    return {
      el: h("div", { class: "gl-control gl-inline" }, h("label", { for: id }, c.label), input),
      sync(S) {
        if (document.activeElement !== input || input.valueAsNumber !== get(S))
          if (document.activeElement !== input || input.value !== "") {
            const v = get(S);
            if (
              input.valueAsNumber !== v &&
              !(document.activeElement === input && clamp(input.valueAsNumber, limits.low, limits.high) === v)
            )
              input.value = String(v);
          }
        input.disabled = Boolean(c.disabled?.(S));
      },
    };
  }
  if (c.kind === "check") {
    const input = h("input", { type: "checkbox", id, name, onchange: () => push(input.checked) });
    return {
      el: h("div", { class: "gl-control gl-check" }, input, h("label", { for: id }, c.label)),
      sync(S) {
        input.checked = Boolean(get(S));
      },
    };
  }
  if (c.kind === "solvers") {
    const most = limitsOf(lab.config.view).solvers;
    const boxes = (lab.sheet?.solvers ?? Object.keys(SOLVERS))
      .filter((s) => Object.hasOwn(lab.config.styles, s))
      .map((solver) => {
        const box = h("input", {
          type: "checkbox",
          id: `gl-${++serial}`,
          name: "solver",
          value: solver,
          onchange: () => {
            const now = new Set(lab.S.solvers);
            if (box.checked) now.add(solver);
            else now.delete(solver);
            if (now.size >= 1 && now.size <= most) push(Object.keys(SOLVERS).filter((s) => now.has(s)));
            else box.checked = !box.checked;
          },
        });
        return {
          solver,
          box,
          el: h(
            "div",
            { class: "gl-check" },
            box,
            h(
              "label",
              { for: box.id },
              swatch(lab, solver),
              lab.sheet ? shortLabel(labelOf(lab, solver)) : labelOf(lab, solver),
            ),
          ),
        };
      });
    return {
      el: h("fieldset", { class: "gl-control gl-solvers" }, h("legend", {}, c.label(lab)), ...boxes.map((b) => b.el)),
      sync(S) {
        for (const { solver, box } of boxes) {
          box.checked = S.solvers.includes(solver);
          box.disabled = (!box.checked && S.solvers.length >= most) || (box.checked && S.solvers.length === 1);
        }
      },
    };
  }
  const row = buttonRow(lab, c);
  return {
    el: h("div", { class: "gl-control gl-buttons", role: "group", "aria-label": c.label }, ...row.els),
    sync: row.sync,
  };
}

/** The buttons of a control. They get aria-disabled, not disabled: the focus must not fall out of the lab. */
function buttonRow(lab, c) {
  const buttons = (c.buttons ?? []).map((b) => ({
    b,
    el: h("button", {
      type: "button",
      name: b.name,
      class: b.primary ? "gl-primary" : null,
      onclick: () => {
        if (!b.disabled?.(lab.S)) lab.set(b.set(lab.S, lab), "input");
      },
    }),
  }));
  const els = buttons.map(({ el }) => el);
  return {
    els,
    box: els.length ? h("div", { class: "gl-buttons" }, ...els) : null,
    sync(S) {
      for (const { b, el } of buttons) {
        const text = typeof b.label === "function" ? b.label(S) : b.label;
        if (el.textContent !== text) el.textContent = text;
        el.setAttribute("aria-disabled", String(Boolean(b.disabled?.(S))));
      }
    },
  };
}
