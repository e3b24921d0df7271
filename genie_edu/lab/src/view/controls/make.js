// @ts-check

import { limitsOf } from "../../engine/schema.js";
import { SOLVERS } from "../../maths/solvers.js";
import { h } from "../dom.js";
import { labelOf, shortLabel } from "../labels.js";
import { clamp } from "../numbers.js";
import { swatch } from "../swatch.js";
import { CONTROLS } from "./index.js";

/** @typedef {import("../../engine/types.js").State} State */
/** @typedef {import("./control.js").Control} Control */
/** @typedef {{ el: HTMLElement, sync: (S: State) => void }} Made an element, and what brings it to a state, silently */

/**
 * What the makers get: the lab, the control, and from these an id, a name, limits, and the way to and from the state.
 * @typedef {{ lab: any, c: Control, id: string, name: string, low: number, high: number, label: string,
 *   get: (S: State) => any, push: (value: any) => void }} Making
 */

let serial = 0; // makes ids unique when several labs share a page

const nextId = () => {
  serial += 1;
  return `gl-${serial}`;
};

/** A text that may depend on the lab or its state. */
const textOf = (text, of) => (typeof text === "function" ? text(of) : text);

const labelFor = ({ id, label }) => h("label", { for: id }, label);

/** The buttons of a control. They get aria-disabled, not disabled: the focus must not fall out of the lab. */
function buttonRow(lab, c) {
  const press = (b) => {
    const act = () => lab.set(b.set(lab.S, lab), "input");
    if (!b.disabled?.(lab.S)) b.undoable ? lab.undoable(act) : act();
  };
  const buttons = (c.buttons ?? []).map((b) => {
    const looks = { type: "button", name: b.name, class: b.primary ? "gl-primary" : null };
    return { b, el: h("button", { ...looks, onclick: () => press(b) }) };
  });
  const els = buttons.map(({ el }) => el);
  return {
    els,
    box: els.length ? h("div", { class: "gl-buttons" }, ...els) : null,
    sync(S) {
      for (const { b, el } of buttons) {
        const text = textOf(b.label, S);
        if (el.textContent !== text) el.textContent = text;
        el.setAttribute("aria-disabled", String(Boolean(b.disabled?.(S))));
      }
    },
  };
}

/** A range over [low, high], or over the places of a list. @type {(making: Making, list?: number[] | null) => Made} */
function makeRange({ lab, c, id, name, low, high, label, get, push }, list = null) {
  const value = h("span", { class: "gl-value" });
  const limits = list ? { min: 0, max: list.length - 1, step: 1 } : { min: low, max: high, step: c.step };
  const chosen = () => (list ? list[Number(input.value)] : Number(input.value));
  const input = h("input", { type: "range", id, name, ...limits, oninput: () => push(chosen()) });
  const placeOf = (v) =>
    list
      ? Math.max(
          0,
          list.findIndex((n) => n >= v),
        )
      : v;
  const buttons = buttonRow(lab, c);
  return {
    el: h("div", { class: "gl-control" }, labelFor({ id, label }), value, input, buttons.box),
    sync(S) {
      buttons.sync(S);
      const v = get(S);
      const shown = String(placeOf(v));
      if (input.value !== shown) input.value = shown;
      const text = c.text ? c.text(v, lab) : String(v);
      if (value.textContent !== text) {
        value.textContent = text;
        input.setAttribute("aria-valuetext", text);
      }
      input.disabled = Boolean(c.disabled?.(S));
      const [least, most] = [Number(input.min), Number(input.max)];
      input.style.setProperty("--gl-fill", `${(100 * (Number(input.value) - least)) / (most - least)}%`);
    },
  };
}

/** @type {(making: Making) => Made} */
function makeSelect({ lab, c, id, name, label, get, push }) {
  const hint = c.hint ? h("p", { class: "gl-hint", id: `${id}-hint` }) : null;
  const chosen = () => (c.number ? Number(input.value) : input.value);
  const input = h("select", { id, name, "aria-describedby": hint?.id, onchange: () => push(chosen()) });
  const buttons = buttonRow(lab, c);
  const shape = c.tall ? "gl-tall" : "gl-inline";
  let signature = "";
  return {
    el: h("div", { class: `gl-control ${shape}` }, labelFor({ id, label }), input, hint, buttons.box),
    sync(S) {
      buttons.sync(S);
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

/** @type {(making: Making) => Made} */
function makeNumber({ lab, c, id, name, low, high, label, get, push }) {
  const typed = () => {
    const v = input.valueAsNumber;
    if (Number.isFinite(v)) push(clamp(c.step >= 1 ? Math.round(v) : v, low, high));
  };
  const input = h("input", {
    type: "number",
    id,
    name,
    min: low,
    max: high,
    step: c.step,
    inputmode: "decimal",
    oninput: typed,
    onblur: () => {
      input.value = String(get(lab.S));
    },
  });
  return {
    el: h("div", { class: "gl-control gl-inline" }, labelFor({ id, label }), input),
    sync(S) {
      const v = get(S);
      const typing = document.activeElement === input;
      // what is being typed stays: it may be empty, or beyond a limit at which the state then stands
      const stays = typing && (input.value === "" || clamp(input.valueAsNumber, low, high) === v);
      if (input.valueAsNumber !== v && !stays) input.value = String(v);
      input.disabled = Boolean(c.disabled?.(S));
    },
  };
}

/** @type {(making: Making) => Made} */
function makeCheck({ id, name, label, get, push }) {
  const input = h("input", { type: "checkbox", id, name, onchange: () => push(input.checked) });
  return {
    el: h("div", { class: "gl-control gl-check" }, input, labelFor({ id, label })),
    sync(S) {
      input.checked = Boolean(get(S));
    },
  };
}

/** A box for every solver; at least one stays checked. @type {(making: Making) => Made} */
function makeSolvers({ lab, label, push }) {
  const most = limitsOf(lab.config.view).solvers;
  const known = lab.view.solvers ?? lab.sheet?.solvers ?? Object.keys(SOLVERS);
  const offered = known.filter((s) => Object.hasOwn(lab.config.styles, s));
  const boxes = offered.map((solver) => {
    const choose = () => {
      const now = new Set(lab.S.solvers);
      if (box.checked) now.add(solver);
      else now.delete(solver);
      if (now.size >= 1 && now.size <= most) push(Object.keys(SOLVERS).filter((s) => now.has(s)));
      else box.checked = !box.checked;
    };
    const id = nextId();
    const box = h("input", { type: "checkbox", id, name: "solver", value: solver, onchange: choose });
    const text = lab.sheet ? shortLabel(lab, solver) : labelOf(lab, solver);
    return {
      solver,
      box,
      el: h("div", { class: "gl-check" }, box, h("label", { for: id }, swatch(lab, solver), text)),
    };
  });
  return {
    el: h("fieldset", { class: "gl-control gl-solvers" }, h("legend", {}, label), ...boxes.map((b) => b.el)),
    sync(S) {
      for (const { solver, box } of boxes) {
        box.checked = S.solvers.includes(solver);
        box.disabled = (!box.checked && S.solvers.length >= most) || (box.checked && S.solvers.length === 1);
      }
    },
  };
}

/** A box for every component of the mixture; at least one stays checked. @type {(making: Making) => Made} */
function makeMembers({ lab, label, get, push }) {
  const el = h("fieldset", { class: "gl-control gl-solvers" });
  const legend = h("legend", {}, label);
  /** @type {HTMLInputElement[]} */
  let boxes = [];
  const choose = () => {
    const now = boxes.flatMap((box, k) => (box.checked ? [k] : []));
    if (now.length) push(now);
  };
  const build = (count) => {
    const made = Array.from({ length: count }, (_, k) => {
      const id = nextId();
      const box = h("input", { type: "checkbox", id, name: "member", value: k, onchange: choose });
      return { box, row: h("div", { class: "gl-check" }, box, h("label", { for: id }, `mode ${k + 1}`)) };
    });
    boxes = made.map(({ box }) => box);
    el.replaceChildren(legend, ...made.map(({ row }) => row));
  };
  return {
    el,
    sync(S) {
      if (boxes.length !== S.means.length) build(S.means.length);
      const members = get(S);
      boxes.forEach((box, k) => {
        box.checked = members.includes(k);
        box.disabled = box.checked && members.length === 1;
      });
    },
  };
}

/** @type {(making: Making) => Made} */
function makeButtons({ lab, c, label }) {
  const { els, sync } = buttonRow(lab, c);
  return { el: h("div", { class: "gl-control gl-buttons", role: "group", "aria-label": label }, ...els), sync };
}

/** By kind. */
const MAKERS = {
  range: makeRange,
  pick: (making) => makeRange(making, textOf(making.c.list, making.lab)),
  select: makeSelect,
  number: makeNumber,
  check: makeCheck,
  solvers: makeSolvers,
  members: makeMembers,
  buttons: makeButtons,
};

/** One control of a lab, by its key in CONTROLS. @type {(lab: any, key: string) => Made} */
export function makeControl(lab, key) {
  /** @type {Control} */
  const c = CONTROLS[key];
  const name = c.name ?? key;
  const set = c.set ?? ((v) => ({ [name]: v }));
  return MAKERS[c.kind]({
    lab,
    c,
    id: nextId(),
    name,
    low: c.low,
    high: c.high,
    ...lab.config.limits?.[key],
    label: textOf(c.label, lab),
    get: c.get ?? ((S) => S[name]),
    push: (value) => lab.set(set(value, lab.S), "input"),
  });
}
