// @ts-check

const TURN = 2 * Math.PI;

/**
 * The corners of a star with so many points, upright.
 * @type {(points: number, outer: number, inner: number) => number[][]}
 */
const star = (points, outer, inner) =>
  Array.from({ length: 2 * points }, (_, i) => {
    const a = TURN * (i / (2 * points) - 0.25);
    const r = i % 2 ? inner : outer;
    return [r * Math.cos(a), r * Math.sin(a)];
  });

const ARM = 0.38; // half the width of a cross's arms

// one corner of the cross a quarter turn after the other
const CROSS = [
  [-ARM, -1.15],
  [ARM, -1.15],
  [ARM, -ARM],
  [1.15, -ARM],
  [1.15, ARM],
  [ARM, ARM],
  [ARM, 1.15],
  [-ARM, 1.15],
  [-ARM, ARM],
  [-1.15, ARM],
  [-1.15, -ARM],
  [-ARM, -ARM],
];

// biome-ignore format: one shape a line
const CORNERS = {
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  "triangle-up": [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]],
  "triangle-down": [[0, 1.25], [1.15, -0.85], [-1.15, -0.85]],
  "triangle-left": [[-1.25, 0], [0.85, -1.15], [0.85, 1.15]],
  "triangle-right": [[1.25, 0], [-0.85, -1.15], [-0.85, 1.15]],
  "diamond-wide": [[0, -0.9], [1.5, 0], [0, 0.9], [-1.5, 0]],
  "star-triangle-down": star(3, 1.5, 0.6).map(([a, b]) => [a, -b]),
  hourglass: [[-1, -1.1], [1, -1.1], [-1, 1.1], [1, 1.1]],
  hexagram: star(6, 1.35, 0.75),
  star: star(5, 1.4, 0.6),
  cross: CROSS,
  x: CROSS.map(([a, b]) => [(a - b) * Math.SQRT1_2, (a + b) * Math.SQRT1_2]),
};

/**
 * The outline of a marker, in plotly's names; a circle where there is no other.
 * @type {(pen: import("./surface.js").Pen, shape: string, x: number, y: number, r: number) => void}
 */
export function markerPath(pen, shape, x, y, r) {
  if (!(Number.isFinite(x) && Number.isFinite(y))) return;
  const corners = CORNERS[shape];
  if (!corners) {
    pen.circle(x, y, r);
    return;
  }
  corners.forEach(([a, b], i) => {
    if (i) pen.lineTo(x + r * a, y + r * b);
    else pen.moveTo(x + r * a, y + r * b);
  });
  pen.closePath();
}
