// @ts-check

import { Engine, MAX_COARSE } from "../engine/engine.js";
import { fromFragment, isFor } from "../engine/link.js";
import { checked, LEARNED, limitsOf, MIXTURE, SCHEMA } from "../engine/schema.js";
import { sheetOf } from "../engine/sheets.js";
import { checkedPatch } from "../engine/state.js";
import { arriveAt } from "./arrival.js";
import { reachOf } from "./axes.js";
import { syncHandles } from "./handles.js";
import { buildLab } from "./layout.js";
import { updateReadout } from "./readout.js";
import { CanvasSurface } from "./surfaces/canvas.js";
import { readTheme, watchTheme } from "./theme.js";
import { VIEWS } from "./views/index.js";

/** @typedef {import("../engine/types.js").State} State */

/**
 * Where a lab stands: `fragment` gives the address's fragment where it has one; the others hear what changes.
 * @typedef {{ fragment?: () => string, onState?: (patch: Partial<State>, S: State) => void,
 *   onReadout?: (values: Record<string, any>) => void }} Host
 */

const PRECISION_MS = 90; // quiet time after a change of the mixture before the full-quality frame
const HIDDEN_MS = 300; // a hidden tab has no animation frames: then a frame is drawn after this time

/** A change of these ends a guess that was made for the step as it stood. */
const ENDS_GUESS = [
  ...["n_steps", "step", "step_scale", "solver", "spacing"],
  ...["start", "seed", "t_start", "t_end", ...MIXTURE],
];

/** One lab in its element: its state S, what is computed from it (R), and when a frame is drawn. */
export class Lab {
  /** Handles on the picture, as the view gave them last. @type {import("./places.js").Handle[]} */
  handles = [];
  /** The numbers of the read-out by name. @type {Record<string, any>} */
  values = {};

  /**
   * @param {HTMLElement} root
   * @param {any} config as config_of in Python gives it
   * @param {Host} host
   */
  constructor(root, config, host) {
    this.root = root;
    this.config = config;
    this.host = host;
    /** @type {import("./views/view.js").View} */
    this.view = VIEWS[config.view];
    if (!this.view) throw new RangeError("unknown view");
    this.engine = new Engine();
    this.sheet = config.sheet ? sheetOf(config) : null;
    this.S = initialState(config);
    this.view.refuse?.(this, this.S);
    this.defaults = { ...this.S };
    this.dragging = false;
    this.held = false;
    this.note = "";
    /** Why the last patch was refused. @type {string | undefined} */
    this.problem = undefined;
    this.width = 0; // of the picture, in pixels; zero until it is on screen
    this.heightPx = 0;
    /** What the view computed from the state. @type {any} */
    this.R = null;
    /** What Undo brings back. @type {State | null} */
    this.before = null;
    /** What of the read-out is in the page, so that only changes are written. */
    this.written = { signature: "", outputs: [], sentence: "", table: "" };
    // pictures that frames share: the density, the background, the lines of many starts, markers
    this.shade = null;
    this.kept = null;
    this.hazeMap = null;
    this.stamps = new Map();
    this.parts = buildLab(this);
    this.watch();
    this.follow(host.fragment?.() ?? "");
    this.frame();
  }

  /**
   * Apply a patch; an invalid one is refused whole and false comes back.
   * @param {Partial<State>} patch
   * @param {"input" | "api" | "link" | "model"} source
   */
  set(patch, source = "api") {
    let clean;
    try {
      clean = this.allowed(patch);
    } catch (error) {
      this.problem = error.message;
      return false;
    }
    const ends = ENDS_GUESS.some((k) => k in clean && clean[k] !== this.S[k]);
    if (ends && this.config.guess && !("guess" in clean)) clean.guess = null;
    this.S = { ...this.S, ...clean };
    if (source === "input") this.before = null;
    if (this.isHeavy(clean, source)) {
      this.dragging = true;
      clearTimeout(this.settle);
      this.settle = setTimeout(() => this.endDrag(), PRECISION_MS);
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

  /** The patch checked, with what follows from it; throws RangeError. @param {Partial<State>} patch */
  allowed(patch) {
    const clean = checkedPatch(patch, this.S, this.config.toys);
    const { view } = this.config;
    const most = limitsOf(view);
    if (clean.n_steps > most.steps) throw new RangeError(`n_steps must lie from 1 to ${most.steps}`);
    if (clean.n_starts > most.starts) throw new RangeError(`n_starts must lie from 1 to ${most.starts}`);
    const other = (k) => k in clean && JSON.stringify(clean[k]) !== JSON.stringify(this.defaults[k]);
    if (LEARNED.includes(view) && MIXTURE.some(other)) throw new RangeError("the networks were trained on one mixture");
    if (clean.solvers?.length > most.solvers) throw new RangeError(`at most ${most.solvers} solvers`);
    this.view.refuse?.(this, { ...this.S, ...clean });
    return clean;
  }

  /** Whether frames after such a change are drawn coarsely until the hand rests. */
  isHeavy(patch, source) {
    if (!this.view.coarse) return false;
    if (this.view.slow) return source === "input" && this.view.slow.some((k) => k in patch);
    return this.S.n_starts > MAX_COARSE && [...MIXTURE, "start", "knots"].some((k) => k in patch);
  }

  /** How far a view of the plane reaches from its middle; it stands still under a hand. */
  get reach() {
    if (!this.held) this.reached = reachOf(this.S);
    return this.reached;
  }

  /** A hand has taken hold of something in the picture, or let it go. */
  hold(/** @type {boolean} */ held) {
    this.reached = this.reach;
    this.held = held;
    if (!held) this.request();
  }

  /** Back to full quality. */
  endDrag() {
    clearTimeout(this.settle);
    this.dragging = false;
    this.request();
  }

  /** The state as it was at first; `before` is what undoes it. */
  reset() {
    this.note = "";
    this.before = null;
    const { mixture } = this.defaults;
    this.set({ ...this.defaults, ...(mixture === "custom" ? {} : { mixture }) });
    this.S.mixture = mixture;
    this.request();
  }

  /** A button that throws work away: what was there can be had again. @param {() => void} action */
  undoable(action) {
    const before = { ...this.S };
    action();
    this.before = before;
    this.request();
  }

  /** Back to what the last Reset or Clear threw away. */
  undo() {
    if (!this.before) return;
    this.S = { ...this.before };
    this.before = null;
    this.request();
  }

  /** One of the settings to try. @param {{ state: Partial<State>, keep?: string[], text?: string }} p */
  preset(p) {
    const base = { ...this.defaults };
    if (base.mixture !== "custom") for (const key of MIXTURE) delete base[key];
    for (const key of p.keep ?? []) base[key] = this.S[key];
    this.set({ ...base, ...p.state });
    this.note = p.text ?? "";
  }

  watch() {
    this.speaking = 0; // the timer of the summary
    this.observer = new ResizeObserver(() => {
      if (Math.round(this.parts.plot.clientWidth) !== this.width) this.request();
    });
    this.observer.observe(this.parts.plot);
    this.unwatchTheme = watchTheme(() => {
      this.colours = null;
      this.request();
    });
    if (this.host.fragment) {
      this.onHash = () => this.follow(this.host.fragment());
      addEventListener("hashchange", this.onHash);
    }
  }

  /** Goes where a link points to, if it is for this lab; says so where it can't be read. @param {string} hash */
  follow(hash) {
    if (!isFor(hash, this.config.scenario)) return;
    const asked = fromFragment(hash, this.config.scenario);
    const before = { ...this.S };
    if (asked) this.reset();
    if (!asked || !this.set(asked, "link")) {
      this.S = before;
      this.note = "The link's settings can't be read: the lab stays as it is.";
      this.request();
    }
    this.endArrival?.();
    this.endArrival = arriveAt(this.parts.live);
  }

  destroy() {
    this.observer.disconnect();
    this.endArrival?.();
    this.unwatchTheme();
    if (this.onHash) removeEventListener("hashchange", this.onHash);
    cancelAnimationFrame(this.pending);
    for (const timer of [this.settle, this.backstop, this.speaking]) clearTimeout(timer);
    this.parts.live.remove();
    delete this.root.dataset.ready;
    this.gone = true;
  }

  /** The present colours; read again after a switch, and until the element is in the page. */
  get theme() {
    if (!this.colours?.fg) this.colours = readTheme(this.parts.live, this.config.exact_color ?? "#7d8590");
    return this.colours;
  }

  /** A frame soon. */
  request() {
    this.root.dataset.settled = "false";
    if (this.pending || this.gone) return;
    this.pending = requestAnimationFrame(() => this.frame());
    this.backstop = setTimeout(() => this.frame(), HIDDEN_MS);
  }

  /** What is saved or copied must belong to the present state, in full quality: the frame still due comes first. */
  catchUp() {
    if (this.dragging) this.endDrag();
    if (this.pending) this.frame();
  }

  /** Compute and draw the present state. */
  frame() {
    cancelAnimationFrame(this.pending);
    clearTimeout(this.backstop);
    this.pending = 0;
    if (this.gone) return;
    const width = Math.round(this.parts.plot.clientWidth); // read before anything is written
    this.R = null; // a view must not look at what an older state gave
    this.R = this.view.compute(this);
    for (const c of this.parts.controls) c.sync(this.S);
    this.parts.undo.setAttribute("aria-disabled", String(!this.before));
    updateReadout(this);
    if (width > 0) this.paint(width);
    if (!this.dragging && !this.R.waiting) this.root.dataset.settled = "true";
  }

  /** The picture and its handles. @param {number} width */
  paint(width) {
    const height = this.view.height(width, this);
    const ratio = Math.min(devicePixelRatio || 1, 3);
    this.width = width;
    this.heightPx = height;
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.parts.canvas.width !== columns || this.parts.canvas.height !== rows) {
      this.parts.canvas.width = columns;
      this.parts.canvas.height = rows;
      this.parts.canvas.style.height = `${height}px`;
    }
    const ctx = this.parts.canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    this.view.draw(new CanvasSurface(ctx, this.theme, this), this, width, height, this.R);
    syncHandles(this);
  }
}

/** The state that a config names, every key checked; an older page's config may lack the newest keys. */
function initialState(config) {
  const startOf = (key) => (config.state[key] === undefined ? SCHEMA[key].initial : config.state[key]);
  const state = Object.keys(SCHEMA).map((key) => [key, key === "mixture" ? startOf(key) : checked(key, startOf(key))]);
  return /** @type {State} */ (Object.fromEntries(state));
}
