// @ts-check

import { MIXTURE, SCHEMA } from "../engine/schema.js";
import { mount } from "./mount.js";

const FLUSH_MS = 60; // changes go to the kernel together

/**
 * anywidget's entry: traits of the same names as the state, set from either side. The function that comes back ends it.
 * @param {{ model: any, el: HTMLElement }} context
 */
export function render({ model, el }) {
  const root = document.createElement("div");
  const keys = Object.keys(SCHEMA);
  el.append(root);
  const config = structuredClone(model.get("_config"));
  const out = {};
  for (const key of keys) if (model.get(key) !== undefined) config.state[key] = model.get(key);
  let queued = 0;
  let fromModel = false;
  const flush = () => {
    queued = 0;
    for (const [k, v] of Object.entries(out)) {
      model.set(k, v);
      delete out[k];
    }
    model.save_changes();
  };
  const later = () => {
    queued ||= setTimeout(flush, FLUSH_MS);
  };
  const handle = mount(root, config, {
    onState: (patch) => {
      if (!fromModel) {
        for (const k of Object.keys(patch)) out[k] = patch[k];
        later();
      }
    },
    onReadout: (values) => {
      out.readout = structuredClone(values);
      later();
    },
  });
  const listen = (key) => () => {
    const value = model.get(key);
    if (JSON.stringify(handle.state[key]) === JSON.stringify(value)) return;
    fromModel = true;
    // a mixture arrives as three traits, one after the other: take them together
    const ok = handle.set(
      MIXTURE.includes(key) ? Object.fromEntries(MIXTURE.map((k) => [k, model.get(k)])) : { [key]: value },
      "model",
    );
    fromModel = false;
    if (!ok) {
      out[key] = handle.state[key];
      later();
    }
  };
  const listeners = keys.map((key) => [`change:${key}`, listen(key)]);
  for (const [event, fn] of listeners) model.on(event, fn);
  return () => {
    for (const [event, fn] of listeners) model.off(event, fn);
    clearTimeout(queued);
    handle.destroy();
  };
}
