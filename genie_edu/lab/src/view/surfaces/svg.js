// @ts-check

import { markerPath } from "./markers.js";
import { DASHES, Surface } from "./surface.js";

const escapeXml = (s) => String(s).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export class SvgSurface extends Surface {
  constructor(width, height, theme) {
    super(theme);
    this.width = width;
    this.height = height;
    this.out = [];
    this.clips = 0;
  }
  pen() {
    const r = (v) => Math.round(v * 10) / 10;
    const d = [];
    return {
      d,
      moveTo(x, y) {
        d.push(`M${r(x)} ${r(y)}`);
      },
      lineTo(x, y) {
        d.push(`L${r(x)} ${r(y)}`);
      },
      closePath() {
        d.push("Z");
      },
      circle(x, y, q) {
        d.push(`M${r(x + q)} ${r(y)}a${q} ${q} 0 1 0 ${-2 * q} 0a${q} ${q} 0 1 0 ${2 * q} 0`);
      },
    };
  }
  stroke({ color, width = 1, dash = "solid", alpha = 1 }, build) {
    const pen = this.pen();
    build(pen);
    if (!pen.d.length) return;
    const dashes = DASHES[dash].length ? ` stroke-dasharray="${DASHES[dash].join(" ")}"` : "";
    this.out.push(
      `<path d="${pen.d.join("")}" fill="none" stroke="${escapeXml(color)}" stroke-width="${width}" stroke-opacity="${alpha}" stroke-linejoin="round"${dashes}/>`,
    );
  }
  fill({ color, alpha = 1 }, build) {
    const pen = this.pen();
    build(pen);
    if (pen.d.length) this.out.push(`<path d="${pen.d.join("")}" fill="${escapeXml(color)}" fill-opacity="${alpha}"/>`);
  }
  text(
    string,
    x,
    y,
    { color = this.theme.fg, size = 12, align = "start", weight = 400, rotate = 0, room = Infinity } = {},
  ) {
    const anchor = align === "center" ? "middle" : align === "end" || align === "right" ? "end" : "start";
    const turn = rotate
      ? ` transform="rotate(${((rotate * 180) / Math.PI).toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)})"`
      : "";
    this.out.push(
      `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" dy="0.35em" font-size="${+this.sizeIn(room, string, size, weight).toFixed(2)}" font-weight="${weight}" text-anchor="${anchor}" fill="${escapeXml(color)}"${turn}>${escapeXml(string)}</text>`,
    );
  }
  background(parts, draw) {
    draw(this);
  }
  haze(layers) {
    for (const { color, alpha, build } of layers) this.stroke({ color, alpha }, build);
  }
  stamp(points, { color, radius, marker, ring = false, alpha = 1 }) {
    const draw = (pen) => points.forEach(([x, y]) => markerPath(pen, marker, x, y, radius));
    if (ring) this.stroke({ color, width: 1.2, alpha }, draw);
    else this.fill({ color, alpha }, draw);
  }
  image(canvas, x, y, w, h) {
    this.out.push(
      `<image x="${x}" y="${y}" width="${w}" height="${h}" preserveAspectRatio="none" href="${canvas.toDataURL("image/png")}"/>`,
    );
  }
  tile(strip, from, size, x, y, side) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    canvas.getContext("2d").drawImage(strip, -from, 0);
    this.out.push(
      `<image x="${x}" y="${y}" width="${side}" height="${side}" style="image-rendering:pixelated" href="${canvas.toDataURL("image/png")}"/>`,
    );
  }
  clip(x, y, w, h, draw) {
    const id = `gl-clip-${++this.clips}`;
    this.out.push(
      `<clipPath id="${id}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath><g clip-path="url(#${id})">`,
    );
    draw();
    this.out.push("</g>");
  }
  toString(title) {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}" font-family="${escapeXml(this.theme.font)}" role="img">` +
      `<title>${escapeXml(title)}</title><rect width="100%" height="100%" fill="${escapeXml(this.theme.bg)}"/>${this.out.join("")}</svg>`
    );
  }
}
