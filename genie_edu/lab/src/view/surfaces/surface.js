// @ts-check

/* A view draws on a surface: stroke and fill take a function that gets a pen. The canvas draws at once; the SVG
 * surface collects the same calls as text. */

/**
 * @typedef {object} Pen
 * @property {(x: number, y: number) => void} moveTo
 * @property {(x: number, y: number) => void} lineTo
 * @property {() => void} closePath
 * @property {(x: number, y: number, r: number) => void} circle
 */

/** @typedef {(pen: Pen) => void} Build */
/** @typedef {{ color: string, width?: number, dash?: string, alpha?: number }} StrokeStyle */
/** @typedef {{ color: string, radius: number, marker: string, ring?: boolean, alpha?: number }} StampStyle */
/** @typedef {{ color: string, alpha: number, build: (pen: any) => void }} HazeLayer */

/**
 * `room`: the width that the text may take; it is made smaller where it would take more. `halo`: the page's colour
 * around it, on a canvas.
 * @typedef {{ color?: string, size?: number, align?: string, weight?: number, rotate?: number, halo?: boolean,
 *   room?: number }} TextStyle
 */

/** @typedef {ReturnType<typeof import("../theme.js").readTheme>} Theme */

export const DASHES = { solid: [], dash: [7, 4], dot: [1.5, 3.5], dashdot: [8, 3, 1.5, 3] };

const RING_WIDTH = 1.2;

let ruler = null; // a canvas to measure texts with

/** What both surfaces share; the others of their methods are the same on both. */
export class Surface {
  /** @param {Theme} theme */
  constructor(theme) {
    this.theme = theme;
  }

  /** The width of a text in pixels. @type {(string: string, size: number, weight?: number) => number} */
  textWidth(string, size, weight = 400) {
    ruler ??= document.createElement("canvas").getContext("2d");
    ruler.font = `${weight} ${size}px ${this.theme.font}`;
    return ruler.measureText(string).width;
  }

  /**
   * The size at which the string is no wider than `room`: `size`, or less.
   * @type {(room: number, string: string, size: number, weight: number) => number}
   */
  sizeIn(room, string, size, weight) {
    return room === Infinity ? size : size * Math.min(1, room / this.textWidth(string, size, weight));
  }

  /**
   * A marker, as a ring or filled.
   * @type {(style: { color: string, ring?: boolean, alpha?: number }, draw: Build) => void}
   */
  mark({ color, ring = false, alpha = 1 }, draw) {
    if (ring) this.stroke({ color, width: RING_WIDTH, alpha }, draw);
    else this.fill({ color, alpha }, draw);
  }

  /* What a surface must do itself; `Surface` only says what a view may ask for. */

  /** @type {(style: StrokeStyle, build: Build) => void} */
  stroke(_style, _build) {}

  /** @type {(style: { color: string, alpha?: number }, build: Build) => void} */
  fill(_style, _build) {}

  /**
   * A text at a point, which lies at half its height.
   * @type {(string: string, x: number, y: number, style?: TextStyle) => void}
   */
  text(_string, _x, _y, _style) {}

  /**
   * A picture stretched to a rectangle.
   * @type {(canvas: HTMLCanvasElement, x: number, y: number, w: number, h: number) => void}
   */
  image(_canvas, _x, _y, _w, _h) {}

  /**
   * The part of a strip of images from column `from` on, `size` wide and high: enlarged, its pixels kept sharp.
   * @type {(strip: HTMLCanvasElement, from: number, size: number, x: number, y: number, side: number) => void}
   */
  tile(_strip, _from, _size, _x, _y, _side) {}

  /**
   * Layers of many thin lines over a W x H picture, bottom first.
   * @type {(layers: HazeLayer[], w: number, h: number) => void}
   */
  haze(_layers, _w, _h) {}

  /**
   * What changes only when one of the `parts` is another.
   * @type {(parts: any[], draw: (s: Surface) => void) => void}
   */
  background(_parts, _draw) {}

  /** One marker at many points. @type {(points: number[][], style: StampStyle) => void} */
  stamp(_points, _style) {}

  /**
   * What is drawn shows inside a rectangle only.
   * @type {(x: number, y: number, w: number, h: number, draw: () => void) => void}
   */
  clip(_x, _y, _w, _h, _draw) {}
}
