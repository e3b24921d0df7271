// @ts-check

/** The outline of a marker, in plotly's names. */
export function markerPath(pen, shape, x, y, r) {
  if (!(Number.isFinite(x) && Number.isFinite(y))) return;
  const polygon = (points) => {
    points.forEach(([a, b], i) => (i ? pen.lineTo(x + r * a, y + r * b) : pen.moveTo(x + r * a, y + r * b)));
    pen.closePath();
  };
  const w = 0.38;
  const plus = [
    [-w, -1.15],
    [w, -1.15],
    [w, -w],
    [1.15, -w],
    [1.15, w],
    [w, w],
    [w, 1.15],
    [-w, 1.15],
    [-w, w],
    [-1.15, w],
    [-1.15, -w],
    [-w, -w],
  ];
  switch (shape) {
    case "diamond":
      return polygon([
        [0, -1.3],
        [1.3, 0],
        [0, 1.3],
        [-1.3, 0],
      ]);
    case "square":
      return polygon([
        [-0.9, -0.9],
        [0.9, -0.9],
        [0.9, 0.9],
        [-0.9, 0.9],
      ]);
    case "triangle-up":
      return polygon([
        [0, -1.25],
        [1.15, 0.85],
        [-1.15, 0.85],
      ]);
    case "triangle-down":
      return polygon([
        [0, 1.25],
        [1.15, -0.85],
        [-1.15, -0.85],
      ]);
    case "triangle-left":
      return polygon([
        [-1.25, 0],
        [0.85, -1.15],
        [0.85, 1.15],
      ]);
    case "triangle-right":
      return polygon([
        [1.25, 0],
        [-0.85, -1.15],
        [-0.85, 1.15],
      ]);
    case "diamond-wide":
      return polygon([
        [0, -0.9],
        [1.5, 0],
        [0, 0.9],
        [-1.5, 0],
      ]);
    case "diamond-tall":
      return polygon([
        [0, -1.6],
        [1, 0],
        [0, 1.6],
        [-1, 0],
      ]);
    case "hourglass":
      return polygon([
        [-1, -1.1],
        [1, -1.1],
        [-1, 1.1],
        [1, 1.1],
      ]);
    case "hexagram":
      return polygon(
        Array.from({ length: 12 }, (_, i) => {
          const a = Math.PI * (i / 6 - 0.5);
          const q = i % 2 ? 0.75 : 1.35;
          return [q * Math.cos(a), q * Math.sin(a)];
        }),
      );
    case "cross":
      return polygon(plus);
    case "x":
      return polygon(plus.map(([a, b]) => [(a - b) * Math.SQRT1_2, (a + b) * Math.SQRT1_2]));
    case "star":
      return polygon(
        Array.from({ length: 10 }, (_, i) => {
          const a = Math.PI * (i / 5 - 0.5);
          const q = i % 2 ? 0.6 : 1.4;
          return [q * Math.cos(a), q * Math.sin(a)];
        }),
      );
    default:
      return pen.circle(x, y, r);
  }
}
