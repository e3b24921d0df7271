// @ts-check

import { markerPath } from "./markers.js";
import { DASHES, Surface } from "./surface.js";

/** @type {(s: unknown) => string} */
const escapeXml = (s) => String(s).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const fixed = (v) => v.toFixed(1);

/** A pen that collects the commands of a path in `d`. */
export function pathPen() {
  const r = (v) => Math.round(v * 10) / 10;
  /** @type {string[]} */
  const d = [];
  return {
    d,
    moveTo: (x, y) => d.push(`M${r(x)} ${r(y)}`),
    lineTo: (x, y) => d.push(`L${r(x)} ${r(y)}`),
    closePath: () => d.push("Z"),
    circle: (x, y, q) => d.push(`M${r(x + q)} ${r(y)}a${q} ${q} 0 1 0 ${-2 * q} 0a${q} ${q} 0 1 0 ${2 * q} 0`),
  };
}

/** Collects what is drawn as the text of an SVG file. */
export class SvgSurface extends Surface {
  /**
   * @param {number} width
   * @param {number} height
   * @param {import("./surface.js").Theme} theme
   */
  constructor(width, height, theme) {
    super(theme);
    this.width = width;
    this.height = height;
    this.out = [];
    this.clips = 0;
  }

  stroke({ color, width = 1, dash = "solid", alpha = 1 }, build) {
    const pen = pathPen();
    build(pen);
    if (!pen.d.length) return;
    const dashes = DASHES[dash].length ? ` stroke-dasharray="${DASHES[dash].join(" ")}"` : "";
    this.out.push(
      `<path d="${pen.d.join("")}" fill="none" stroke="${escapeXml(color)}" stroke-width="${width}" ` +
        `stroke-opacity="${alpha}" stroke-linejoin="round"${dashes}/>`,
    );
  }

  fill({ color, alpha = 1 }, build) {
    const pen = pathPen();
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
    const turn = rotate ? ` transform="rotate(${fixed((rotate * 180) / Math.PI)} ${fixed(x)} ${fixed(y)})"` : "";
    const fontSize = +this.sizeIn(room, string, size, weight).toFixed(2);
    this.out.push(
      `<text x="${fixed(x)}" y="${fixed(y)}" dy="0.35em" font-size="${fontSize}" font-weight="${weight}" ` +
        `text-anchor="${anchor}" fill="${escapeXml(color)}"${turn}>${escapeXml(string)}</text>`,
    );
  }

  background(_parts, draw) {
    draw(this);
  }

  haze(layers) {
    for (const { color, alpha, build } of layers) this.stroke({ color, alpha }, build);
  }

  stamp(points, { color, radius, marker, ring = false, alpha = 1 }) {
    this.mark({ color, ring, alpha }, (pen) => {
      for (const [x, y] of points) markerPath(pen, marker, x, y, radius);
    });
  }

  image(canvas, x, y, w, h) {
    this.out.push(
      `<image x="${x}" y="${y}" width="${w}" height="${h}" preserveAspectRatio="none" ` +
        `href="${canvas.toDataURL("image/png")}"/>`,
    );
  }

  tile(strip, from, size, x, y, side) {
    const canvas = document.createElement("canvas");
    canvas.width = size;
    canvas.height = size;
    canvas.getContext("2d").drawImage(strip, -from, 0);
    this.out.push(
      `<image x="${x}" y="${y}" width="${side}" height="${side}" style="image-rendering:pixelated" ` +
        `href="${canvas.toDataURL("image/png")}"/>`,
    );
  }

  clip(x, y, w, h, draw) {
    const id = `gl-clip-${++this.clips}`;
    this.out.push(
      `<clipPath id="${id}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath>` +
        `<g clip-path="url(#${id})">`,
    );
    draw();
    this.out.push("</g>");
  }

  /** The file's text. @param {string} title */
  toString(title) {
    const { width, height, theme } = this;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="${escapeXml(theme.font)}" role="img"><title>${escapeXml(title)}</title>` +
      `<rect width="100%" height="100%" fill="${escapeXml(theme.bg)}"/>${this.out.join("")}</svg>`
    );
  }
}
