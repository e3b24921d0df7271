// @ts-check

import { axes, drawAxes, logTicks } from "../axes.js";
import { clamp, countOf, formatNumber, MISSING } from "../numbers.js";
import { circle, markers, polyline, vertical } from "../pens.js";
import { py } from "../python.js";
import { row } from "../rows.js";
import { awaitPicture, GAP, tileSide } from "../tiles.js";

const percent = (share) => `${Math.round(100 * share)} %`;

/** A training's loss and samples of its checkpoints. */
export const historyView = {
  broad: true,
  refuse(lab, S) {
    const n = lab.sheet.checkpoints.length;
    if (S.snapshot >= n || S.beside >= n) throw new RangeError(`there are ${n} checkpoints, from 0 on`);
  },
  compute(lab) {
    const { S, sheet } = lab;
    awaitPicture(lab);
    return {
      sheet,
      now: sheet.checkpoints[S.snapshot],
      other: sheet.checkpoints[S.beside] ?? null,
      waiting: !sheet.picture,
    };
  },
  /** The curve's rectangle, and where the blocks of samples stand: c to a line, `lines` lines each. */
  place(lab, W) {
    const { tile, columns } = lab.sheet;
    const narrow = W < 560;
    const x = narrow ? 0 : Math.round(0.45 * W);
    const w = W - x - (narrow ? 0 : 4);
    const least = narrow ? 30 : 40;
    const blocks = lab.S.beside < 0 ? 1 : 2;
    let c = columns;
    while (c > 2 && (columns % c || tileSide(tile, w, c) < least)) c--;
    const side = tileSide(tile, w, c);
    const lines = Math.ceil(columns / c);
    const high = 24 + lines * (side + GAP) + 10;
    const height = narrow ? 290 + blocks * high : Math.max(320, blocks * high + 8);
    return {
      c,
      side,
      lines,
      high,
      x,
      y: narrow ? 290 : 4,
      height,
      curve: { x: 58, y: 28, w: (narrow ? W : x) - 58 - 20, h: (narrow ? 270 : Math.min(height, 380)) - 74 },
    };
  },
  axes(lab, W) {
    const { curve, checkpoints } = lab.sheet;
    const steps = [...curve.map((q) => q[0]), ...checkpoints.map((q) => q.step)];
    const losses = curve.map((q) => q[1]);
    return axes(
      this.place(lab, W).curve,
      [Math.min(...steps) / 1.1, Math.max(...steps) * 1.1],
      [Math.min(...losses) / 1.08, Math.max(...losses) * 1.08],
      true,
    );
  },
  height(W, lab) {
    return this.place(lab, W).height;
  },
  draw(s, lab, W, H, R) {
    const { sheet, now, other } = R;
    const A = this.axes(lab, W);
    const P = this.place(lab, W);
    const t = s.theme;
    const at = (q) => [q.step, q.loss];
    drawAxes(s, A, {
      xName: "training steps",
      yName: "loss",
      xTicks: logTicks(A.x0, A.x1, Math.max(2, A.w / 62)),
      yTicks: logTicks(A.y0, A.y1, Math.max(3, A.h / 30)),
      grid: true,
    });
    s.text("the loss of eps as the training goes on", A.x, A.y - 14, { size: 12.5, weight: 600, room: A.w });
    s.stroke({ color: t.eps, width: 2 }, polyline(A, sheet.curve));
    s.fill({ color: t.eps }, markers(A, sheet.checkpoints.map(at), "circle", 3));
    s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, vertical(A, A.px(now.step)));
    s.fill({ color: t.accent }, markers(A, [at(now)], "diamond", 5.5));
    if (other) s.stroke({ color: t.fg, width: 1.8 }, circle(A, at(other), 7));
    const blocks = [{ q: now, row: lab.S.snapshot, color: t.accent }];
    if (other) blocks.push({ q: other, row: lab.S.beside, color: t.fg });
    const stride = P.side + GAP;
    blocks.forEach(({ q, row, color }, b) => {
      const top = P.y + b * P.high;
      const title = `after ${countOf(q.step, "training step")}`;
      s.text(title, P.x, top + 10, { size: 12.5, weight: 600, color, room: W - P.x - 4 });
      if (!sheet.picture) return;
      const strip = sheet.changed(row).canvas;
      for (let k = 0; k < sheet.columns; k++) {
        const [x, y] = [P.x + (k % P.c) * stride, top + 24 + Math.floor(k / P.c) * stride];
        s.tile(strip, k * sheet.tile, sheet.tile, x, y, P.side);
      }
    });
  },
  nearest(lab, A, x) {
    const off = lab.sheet.checkpoints.map((q) => Math.abs(A.px(q.step) - x));
    return off.indexOf(Math.min(...off));
  },
  handles(lab, W) {
    const A = this.axes(lab, W);
    const { snapshot } = lab.S;
    const { checkpoints } = lab.sheet;
    const { step } = checkpoints[snapshot];
    const x = A.px(step);
    const stride = 0.5; // less than a drag moves: from one checkpoint to the next
    return [
      {
        id: "snapshot",
        kind: "knot",
        text: "",
        label: "Checkpoint",
        x,
        y: A.y + A.h,
        slider: { low: 1, high: checkpoints.length, now: snapshot + 1, text: `${step} training steps`, stride },
        move: (dx) => ({
          snapshot:
            Math.abs(dx) === stride
              ? clamp(snapshot + Math.sign(dx), 0, checkpoints.length - 1)
              : this.nearest(lab, A, x + clamp(dx, -W, W)),
        }),
      },
    ];
  },
  press(lab, x, y, W) {
    const A = this.axes(lab, W);
    return x >= A.x && x <= A.x + A.w && y >= A.y && y <= A.y + A.h ? { snapshot: this.nearest(lab, A, x) } : null;
  },
  readout(lab, R) {
    const { now, other } = R;
    return {
      head: null,
      note: "share: of the way from the curve's first loss to its last; the samples are drawn with averaged weights",
      rows: [
        row("training steps", "step", now.step, String(now.step)),
        row("loss there", "loss", now.loss),
        row("share of the loss's whole drop", "share", 100 * now.share, percent(now.share)),
        row("minutes of training", "minutes", now.minutes),
        row("compared with step", "other_step", other ? other.step : NaN, other ? String(other.step) : MISSING),
      ],
    };
  },
  summary(_lab, { now, other }) {
    const beside = other ? ` Below, the same seeds after ${other.step}.` : "";
    return (
      `After ${countOf(now.step, "training step")} (${formatNumber(now.minutes)} minutes) the loss is ` +
      `${formatNumber(now.loss)}: ${percent(now.share)} of its whole drop.${beside}`
    );
  },
  table: (lab, R) => ({
    caption: "The checkpoints",
    head: ["training steps", "loss", "share of the drop", "minutes"],
    rows: R.sheet.checkpoints.map((q) => [
      String(q.step),
      formatNumber(q.loss),
      percent(q.share),
      formatNumber(q.minutes),
    ]),
  }),
  csv: (lab, R) => [["step", "loss"], ...R.sheet.curve],
  python: (S, lab) => [
    "import json",
    "import math",
    "",
    "import genie_edu as ge",
    "",
    `_, card = ge.checkpoints.read(ge.data.shipped(${py(`${lab.sheet.run}/base.safetensors`)}))`,
    'curve = card["record"]["curve"]',
    `steps = json.loads(ge.data.shipped(${py(`${lab.sheet.run}/base_samples.json`)}).read_text())["steps"]`,
    `step = steps[${S.snapshot}]`,
    "_, loss, seconds = min(curve, key=lambda entry: abs(math.log(entry[0] / step)))",
    "share = (curve[0][1] - loss) / (curve[0][1] - curve[-1][1])",
    'print("step", step)',
    'print("loss", f"{loss:.3g}")',
    'print("share", f"{100 * share:.0f}")',
    'print("minutes", f"{seconds / 60:.3g}")',
  ],
};
