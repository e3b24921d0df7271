// @ts-check

/* A view draws on a surface: stroke and fill take a function that gets a pen (moveTo, lineTo, closePath,
 * circle). The canvas draws at once; the SVG surface collects the same calls as text. */
export const DASHES = { solid: [], dash: [7, 4], dot: [1.5, 3.5], dashdot: [8, 3, 1.5, 3] };

export class Surface {
  constructor(theme) {
    this.theme = theme;
  }
  textWidth(string, size, weight = 400) {
    const c = (Surface.ruler ??= document.createElement("canvas").getContext("2d"));
    c.font = `${weight} ${size}px ${this.theme.font}`;
    return c.measureText(string).width;
  }
  /** The size at which the string is no wider than `room`: `size`, or less. */
  sizeIn(room, string, size, weight) {
    return room === Infinity ? size : size * Math.min(1, room / this.textWidth(string, size, weight));
  }
}
