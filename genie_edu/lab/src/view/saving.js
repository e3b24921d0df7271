// @ts-check

import { toFragment } from "../engine/link.js";
import { h } from "./dom.js";
import { CanvasSurface } from "./surfaces/canvas.js";
import { SvgSurface } from "./surfaces/svg.js";
import { readTheme } from "./theme.js";

export function pythonOf(lab) {
  return `${lab.view.python(lab.S, lab).join("\n")}\n`;
}

export function fragmentOf(lab) {
  return toFragment(lab.config.scenario, lab.S, lab.defaults);
}

export function svgOf(lab) {
  if (!lab.theme) readTheme(lab);
  const W = lab.width || 560;
  const H = lab.view.height(W, lab);
  const s = new SvgSurface(W, H, lab.theme);
  lab.view.draw(s, lab, W, H, lab.R);
  return s.toString(`${lab.config.title}. ${lab.config.alt}`);
}

export function csvOf(lab) {
  return `${lab.view
    .csv(lab, lab.R)
    .map((row) => row.join(","))
    .join("\n")}\n`;
}

export function showPython(lab) {
  const code = pythonOf(lab);
  showText(
    lab,
    h(
      "pre",
      { class: "gl-code", tabindex: "0", role: "group", "aria-label": "Python code for this state" },
      h("code", {}, code),
    ),
    code,
  );
}

export function showLink(lab) {
  const hash = fragmentOf(lab);
  const url = location.href.split("#")[0] + hash;
  try {
    history.replaceState(null, "", hash);
  } catch {
    /* a sandboxed frame keeps its address */
  }
  showText(
    lab,
    h("input", {
      type: "text",
      class: "gl-link",
      readonly: true,
      value: url,
      "aria-label": "Link that reproduces this state",
    }),
    url,
  );
}

function showText(lab, el, text) {
  const said = h("p", { class: "gl-small", role: "status" }, "Select and copy:");
  lab.panel.replaceChildren(
    said,
    el,
    h(
      "button",
      {
        type: "button",
        name: "close",
        onclick: () => {
          lab.panel.replaceChildren();
          lab.live.querySelector("button[name=python]").focus();
        },
      },
      "Close",
    ),
  );
  navigator.clipboard?.writeText(text).then(
    () => {
      said.textContent = "Copied:";
    },
    () => {},
  );
}

export function saveAs(lab, kind) {
  const name = `${lab.config.scenario}.${kind}`;
  const give = (blob) => {
    const url = URL.createObjectURL(blob);
    const a = h("a", { href: url, download: name });
    document.body.append(a);
    a.click();
    a.remove();
    setTimeout(() => URL.revokeObjectURL(url), 2000);
  };
  if (kind === "csv") return give(new Blob([csvOf(lab)], { type: "text/csv" }));
  if (kind === "svg") return give(new Blob([svgOf(lab)], { type: "image/svg+xml" }));
  const canvas = h("canvas");
  const W = lab.width || 560;
  const H = lab.view.height(W, lab);
  const ctx = ((canvas.width = 2 * W), (canvas.height = 2 * H), canvas.getContext("2d"));
  ctx.setTransform(2, 0, 0, 2, 0, 0);
  ctx.fillStyle = lab.theme.bg;
  ctx.fillRect(0, 0, W, H);
  lab.view.draw(new CanvasSurface(ctx, lab.theme, lab), lab, W, H, lab.R);
  canvas.toBlob((blob) => blob && give(blob));
}
