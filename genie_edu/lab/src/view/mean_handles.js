// @ts-check
import { clamp, pointText, round3 } from "./numbers.js";

/** Handles on the component means: the density itself is what is dragged. */
export function meanHandles(S, A, scale = 1) {
  return S.means.map((m, k) => ({
    id: `mean-${k}`,
    kind: "mean",
    text: S.means.length > 1 ? String(k + 1) : "",
    label: `Mean of component ${k + 1} at ${pointText(m)}; arrow keys move it`,
    selected: S.component === k,
    x: A.px(m[0] * scale),
    y: A.py(m[1] * scale),
    move: (dx, dy) => ({
      component: k,
      means: S.means.map((p, i) =>
        i === k ? [round3(clamp(p[0] + dx / A.sx / scale, -3, 3)), round3(clamp(p[1] - dy / A.sy / scale, -3, 3))] : p,
      ),
    }),
    select: () => ({ component: k }),
  }));
}
