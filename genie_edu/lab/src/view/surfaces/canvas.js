// @ts-check

import { Haze } from "./haze.js";
import { markerPath } from "./markers.js";
import { DASHES, Surface } from "./surface.js";

/** @type {(color: string) => number[]} */
const rgb = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

/** Draws at once. What it keeps from frame to frame it keeps with the lab. */
export class CanvasSurface extends Surface {
  /**
   * @param {any} ctx a canvas's context, which also becomes the pen
   * @param {import("./surface.js").Theme} theme
   * @param {any} lab
   */
  constructor(ctx, theme, lab) {
    super(theme);
    this.ctx = ctx;
    this.lab = lab;
    ctx.circle = (x, y, r) => {
      ctx.moveTo(x + r, y);
      ctx.arc(x, y, r, 0, 2 * Math.PI);
    };
  }

  stroke({ color, width = 1, dash = "solid", alpha = 1 }, build) {
    const c = this.ctx;
    c.globalAlpha = alpha;
    c.strokeStyle = color;
    c.lineWidth = width;
    c.lineJoin = "round";
    c.lineCap = dash === "dot" ? "round" : "butt";
    c.setLineDash(DASHES[dash]);
    c.beginPath();
    build(c);
    c.stroke();
    c.globalAlpha = 1;
  }

  fill({ color, alpha = 1 }, build) {
    const c = this.ctx;
    c.globalAlpha = alpha;
    c.fillStyle = color;
    c.beginPath();
    build(c);
    c.fill();
    c.globalAlpha = 1;
  }

  text(
    string,
    x,
    y,
    { color = this.theme.fg, size = 12, align = "start", weight = 400, rotate = 0, halo = false, room = Infinity } = {},
  ) {
    const c = this.ctx;
    c.save();
    c.translate(x, y);
    if (rotate) c.rotate(rotate);
    c.font = `${weight} ${this.sizeIn(room, string, size, weight)}px ${this.theme.font}`;
    c.textAlign = align;
    c.textBaseline = "middle";
    if (halo) {
      c.strokeStyle = this.theme.bg;
      c.lineWidth = 4;
      c.lineJoin = "round";
      c.setLineDash([]);
      c.strokeText(string, 0, 0);
    }
    c.fillStyle = color;
    c.fillText(string, 0, 0);
    c.restore();
  }

  image(canvas, x, y, w, h) {
    this.ctx.imageSmoothingEnabled = true;
    this.ctx.imageSmoothingQuality = "high";
    this.ctx.drawImage(canvas, x, y, w, h);
  }

  tile(strip, from, size, x, y, side) {
    this.ctx.imageSmoothingEnabled = false;
    this.ctx.drawImage(strip, from, 0, size, size, x, y, side, side);
  }

  /** Drawn at one pixel per CSS pixel. */
  haze(layers, w, h) {
    if (!this.lab.hazeMap || this.lab.hazeMap.w !== w || this.lab.hazeMap.h !== h) this.lab.hazeMap = new Haze(w, h);
    const map = this.lab.hazeMap;
    map.begin();
    for (const { color, alpha, build } of layers) {
      build(map);
      map.lay(rgb(color), alpha);
    }
    this.ctx.drawImage(map.end(), 0, 0, w, h);
  }

  /** Drawn once, kept until one of the `parts` is another. */
  background(parts, draw) {
    const ratio = this.ctx.getTransform().a;
    const kept = this.lab.kept;
    const now = [...parts, ratio, this.theme];
    const { width, height } = this.ctx.canvas;
    if (!kept || kept.parts.length !== now.length || kept.parts.some((v, i) => v !== now[i])) {
      const canvas = kept?.canvas ?? document.createElement("canvas");
      const ctx = canvas.getContext("2d");
      canvas.width = width;
      canvas.height = height; // setting the size clears it
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      draw(new CanvasSurface(ctx, this.theme, this.lab));
      this.lab.kept = { parts: now, canvas };
    }
    this.ctx.drawImage(this.lab.kept.canvas, 0, 0, width / ratio, height / ratio);
  }

  /** Drawn once, then copied. */
  stamp(points, { color, radius, marker, ring = false, alpha = 1 }) {
    const ratio = this.ctx.getTransform().a;
    const size = Math.ceil(2 * (radius * 1.6 + 2));
    const key = `${color} ${radius} ${marker} ${ring} ${alpha} ${ratio}`;
    const { stamps } = this.lab;
    if (!stamps.has(key)) {
      const canvas = document.createElement("canvas");
      const c = canvas.getContext("2d");
      canvas.width = Math.ceil(size * ratio);
      canvas.height = canvas.width;
      c.setTransform(ratio, 0, 0, ratio, 0, 0);
      const s = new CanvasSurface(c, this.theme, this.lab);
      const draw = (p) => markerPath(p, marker, size / 2, size / 2, radius);
      s.mark({ color, ring, alpha }, draw);
      stamps.set(key, canvas);
    }
    const picture = stamps.get(key);
    const side = picture.width / ratio;
    for (const [x, y] of points) this.ctx.drawImage(picture, x - size / 2, y - size / 2, side, side);
  }

  clip(x, y, w, h, draw) {
    this.ctx.save();
    this.ctx.beginPath();
    this.ctx.rect(x, y, w, h);
    this.ctx.clip();
    draw();
    this.ctx.restore();
  }
}
