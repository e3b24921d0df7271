// @ts-check

/** Many thin, faint lines: an anti-aliased line drawer on a coverage map, far faster than stroking paths. */
export class Haze {
  /**
   * @param {number} width
   * @param {number} height
   */
  constructor(width, height) {
    this.w = width;
    this.h = height;
    this.canvas = document.createElement("canvas");
    this.canvas.width = width;
    this.canvas.height = height;
    this.ctx = this.canvas.getContext("2d");
    this.image = this.ctx.createImageData(width, height);
    this.cover = new Float32Array((width + 2) * (height + 2)); // a border of one pixel saves bounds checks
    this.x = 0;
    this.y = 0;
    this.begin();
  }

  /** An empty picture. */
  begin() {
    this.image.data.fill(0);
    // the rectangle that lines have touched
    this.left = Infinity;
    this.top = Infinity;
    this.right = -Infinity;
    this.bottom = -Infinity;
  }

  /** @type {(x: number, y: number) => void} */
  moveTo(x, y) {
    this.x = x;
    this.y = y;
  }

  /** @type {(x: number, y: number) => void} */
  lineTo(x, y) {
    const x0 = this.x;
    const y0 = this.y;
    const { w, h } = this;
    this.x = x;
    this.y = y;
    if (x0 >= 0 && x0 < w && y0 >= 0 && y0 < h && x >= 0 && x < w && y >= 0 && y < h) {
      this.line(x0, y0, x, y);
      return;
    }
    // Liang and Barsky: the part inside the picture
    let a = 0;
    let b = 1;
    const dx = x - x0;
    const dy = y - y0;
    for (const [p, q] of [
      [-dx, x0],
      [dx, w - 0.01 - x0],
      [-dy, y0],
      [dy, h - 0.01 - y0],
    ]) {
      if (p === 0) {
        if (q < 0) return;
        continue;
      }
      const r = q / p;
      if (p < 0) {
        if (r > b) return;
        if (r > a) a = r;
      } else {
        if (r < a) return;
        if (r < b) b = r;
      }
    }
    this.line(x0 + a * dx, y0 + a * dy, x0 + b * dx, y0 + b * dy);
  }

  /** A line whose ends lie in the picture. @type {(x0: number, y0: number, x1: number, y1: number) => void} */
  line(x0, y0, x1, y1) {
    const c = this.cover;
    const W = this.w + 2;
    const dx = x1 - x0;
    const dy = y1 - y0;
    const ax = Math.abs(dx);
    const ay = Math.abs(dy);
    const long = Math.max(ax, ay);
    if (!(long > 0)) return;
    if (x0 < this.left) this.left = x0;
    if (x1 < this.left) this.left = x1;
    if (x0 > this.right) this.right = x0;
    if (x1 > this.right) this.right = x1;
    if (y0 < this.top) this.top = y0;
    if (y1 < this.top) this.top = y1;
    if (y0 > this.bottom) this.bottom = y0;
    if (y1 > this.bottom) this.bottom = y1;
    const n = Math.ceil(long);
    const mx = dx / n;
    const my = dy / n;
    const weight = long / n;
    let x = x0 + 0.5 * mx + 0.5;
    let y = y0 + 0.5 * my + 0.5; // + 1 for the border, - 0.5 for pixel centres
    if (ax >= ay)
      for (let k = 0; k < n; k++, x += mx, y += my) {
        const j = Math.floor(y);
        const f = y - j;
        const q = j * W + Math.floor(x + 0.5);
        c[q] += weight * (1 - f);
        c[q + W] += weight * f;
      }
    else
      for (let k = 0; k < n; k++, x += mx, y += my) {
        const i = Math.floor(x);
        const f = x - i;
        const q = Math.floor(y + 0.5) * W + i;
        c[q] += weight * (1 - f);
        c[q + 1] += weight * f;
      }
  }

  /**
   * Lay what was drawn over the picture in one colour; overlapping lines grow darker.
   * @type {(color: number[], alpha: number) => void}
   */
  lay([r, g, b], alpha) {
    const { w, h, cover } = this;
    const { data } = this.image;
    const W = w + 2;
    // how dark v lines over each other are, at 16 v, for v below 16
    const many = Float64Array.from({ length: 256 }, (_, k) => 1 - (1 - alpha) ** (k / 16));
    const i0 = Math.max(0, Math.floor(this.left) - 1);
    const i1 = Math.min(w - 1, Math.ceil(this.right) + 1);
    const j1 = Math.min(h - 1, Math.ceil(this.bottom) + 1);
    for (let j = Math.max(0, Math.floor(this.top) - 1); j <= j1; j++)
      for (let i = i0, q = (j + 1) * W + 1 + i0, o = 4 * (j * w + i0); i <= i1; i++, q++, o += 4) {
        const v = cover[q];
        if (v === 0) continue;
        cover[q] = 0;
        const a = v <= 1 ? alpha * v : v < 16 ? many[(16 * v) | 0] : many[255];
        const below = (data[o + 3] / 255) * (1 - a);
        const sum = a + below;
        data[o] = (r * a + data[o] * below) / sum;
        data[o + 1] = (g * a + data[o + 1] * below) / sum;
        data[o + 2] = (b * a + data[o + 2] * below) / sum;
        data[o + 3] = 255 * sum;
      }
  }

  /** The picture, drawn. */
  end() {
    this.ctx.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}
