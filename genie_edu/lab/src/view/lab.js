// @ts-check

import { Engine, MAX_COARSE } from "../engine/engine.js";
import { fromFragment } from "../engine/link.js";
import { checked, LEARNED, limitsOf, MIXTURE, SCHEMA } from "../engine/schema.js";
import { sheetOf } from "../engine/sheets.js";
import { checkedPatch } from "../engine/state.js";
import { syncHandles } from "./handles.js";
import { buildLab } from "./layout.js";
import { updateReadout } from "./readout.js";
import { CanvasSurface } from "./surfaces/canvas.js";
import { readTheme } from "./theme.js";
import { VIEWS } from "./views/index.js";

// quiet time after a change of the mixture before the full-quality frame
const PRECISION_MS = 90;

export class Lab {
  constructor(root, config, host) {
    this.root = root;
    this.config = config;
    this.host = host;
    this.view = VIEWS[config.view];
    if (!this.view) throw new RangeError("unknown view");
    this.engine = new Engine();
    this.sheet = config.sheet ? sheetOf(config) : null;
    this.S = {};
    for (const key of Object.keys(SCHEMA))
      this.S[key] = config.state[key] === undefined ? SCHEMA[key].initial : config.state[key];
    for (const key of Object.keys(SCHEMA)) this.S[key] = key === "mixture" ? this.S[key] : checked(key, this.S[key]);
    this.view.refuse?.(this, this.S);
    this.defaults = { ...this.S };
    this.dragging = false;
    this.note = "";
    buildLab(this);
    const asked = host.fragment ? fromFragment(host.fragment(), config.scenario) : null;
    if (asked) this.set(asked, "link");
    this.watch();
    this.frame();
  }

  /** Apply a patch; an invalid one is refused whole and false comes back. */
  set(patch, source = "api") {
    let clean;
    try {
      clean = checkedPatch(patch, this.S, this.config.toys);
      const most = limitsOf(this.config.view);
      if (clean.n_steps > most.steps) throw new RangeError(`n_steps must lie from 1 to ${most.steps}`);
      if (clean.n_starts > most.starts) throw new RangeError(`n_starts must lie from 1 to ${most.starts}`);
      if (
        LEARNED.includes(this.config.view) &&
        MIXTURE.some((k) => k in clean && JSON.stringify(clean[k]) !== JSON.stringify(this.defaults[k]))
      )
        throw new RangeError("the networks were trained on one mixture");
      if (clean.solvers?.length > most.solvers) throw new RangeError(`at most ${most.solvers} solvers`);
      this.view.refuse?.(this, { ...this.S, ...clean });
    } catch (error) {
      this.problem = error.message;
      return false;
    }
    const moved = [
      "n_steps",
      "step",
      "step_scale",
      "solver",
      "spacing",
      "start",
      "seed",
      "t_start",
      "t_end",
      "means",
      "covs",
      "weights",
    ].some((k) => k in clean && clean[k] !== this.S[k]);
    if (moved && this.config.guess && !("guess" in clean)) clean.guess = null;
    this.S = { ...this.S, ...clean };
    const heavy = this.S.n_starts > MAX_COARSE && [...MIXTURE, "start", "knots"].some((k) => k in clean);
    if (this.view.coarse && (this.view.slow ? this.view.slow.some((k) => k in clean) && source === "input" : heavy)) {
      this.dragging = true;
      clearTimeout(this.settle);
      this.settle = setTimeout(() => {
        this.dragging = false;
        this.request();
      }, PRECISION_MS);
    }
    // the first change since the last frame is worked on at once, while the browser waits for its next one
    if (source === "input" && !this.hot && !this.pending) {
      this.hot = true;
      requestAnimationFrame(() => {
        this.hot = false;
      });
      this.root.dataset.settled = "false";
      this.frame();
    } else this.request();
    if (source !== "model") this.host.onState?.(clean, this.S);
    return true;
  }

  reset() {
    this.note = "";
    this.set({ ...this.defaults, ...(this.defaults.mixture === "custom" ? {} : { mixture: this.defaults.mixture }) });
    this.S.mixture = this.defaults.mixture;
    this.request();
  }

  preset(p) {
    const base = { ...this.defaults };
    delete base.weights;
    delete base.means;
    delete base.covs;
    if (base.mixture === "custom")
      Object.assign(base, { weights: this.defaults.weights, means: this.defaults.means, covs: this.defaults.covs });
    for (const key of p.keep ?? []) base[key] = this.S[key];
    this.set({ ...base, ...p.state });
    this.note = p.text ?? "";
  }

  watch() {
    this.observer = new ResizeObserver(() => {
      if (Math.round(this.plot.clientWidth) !== this.width) this.request();
    });
    this.observer.observe(this.plot);
    this.themeObserver = new MutationObserver(() => {
      this.theme = null;
      this.request();
    });
    for (const el of [document.documentElement, document.body])
      this.themeObserver.observe(el, {
        attributes: true,
        attributeFilter: ["data-theme", "data-mode", "class", "data-jp-theme-light", "data-jp-theme-name"],
      });
    this.media = matchMedia("(prefers-color-scheme: dark)");
    this.onMedia = () => {
      this.theme = null;
      this.request();
    };
    this.media.addEventListener("change", this.onMedia);
    if (this.host.fragment) {
      this.onHash = () => {
        const asked = fromFragment(this.host.fragment(), this.config.scenario);
        if (asked) {
          this.reset();
          this.set(asked, "link");
        }
      };
      addEventListener("hashchange", this.onHash);
    }
  }

  destroy() {
    this.observer.disconnect();
    this.themeObserver.disconnect();
    this.media.removeEventListener("change", this.onMedia);
    if (this.onHash) removeEventListener("hashchange", this.onHash);
    cancelAnimationFrame(this.pending);
    clearTimeout(this.settle);
    clearTimeout(this.backstop);
    clearTimeout(this.speaking);
    this.live.remove();
    delete this.root.dataset.ready;
    this.gone = true;
  }

  request() {
    this.root.dataset.settled = "false";
    if (this.pending || this.gone) return;
    this.pending = requestAnimationFrame(() => this.frame());
    this.backstop = setTimeout(() => this.frame(), 300); // a hidden tab has no animation frames
  }

  frame() {
    cancelAnimationFrame(this.pending);
    clearTimeout(this.backstop);
    this.pending = 0;
    if (this.gone) return;
    if (!this.theme?.fg) readTheme(this); // a widget's first frame comes before its element is in the page
    const S = this.S;
    const width = Math.round(this.plot.clientWidth); // read before anything is written
    this.R = null;
    this.R = this.view.compute(this);
    for (const c of this.controls) c.sync(S);
    updateReadout(this);
    if (width > 0) {
      const height = this.view.height(width, this);
      const ratio = Math.min(devicePixelRatio || 1, 3);
      this.width = width;
      this.heightPx = height;
      if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
        this.canvas.width = Math.round(width * ratio);
        this.canvas.height = Math.round(height * ratio);
        this.canvas.style.height = `${height}px`;
      }
      const ctx = (this.ctx ??= this.canvas.getContext("2d"));
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      ctx.clearRect(0, 0, width, height);
      this.view.draw(new CanvasSurface(ctx, this.theme, this), this, width, height, this.R);
      syncHandles(this);
    }
    if (!this.dragging && !this.R.waiting) this.root.dataset.settled = "true";
  }
}
