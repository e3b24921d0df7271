// @ts-check

export function readTheme(lab) {
  const style = getComputedStyle(lab.live);
  const v = (name) => style.getPropertyValue(name).trim();
  lab.theme = {
    fg: v("--gl-fg"),
    muted: v("--gl-muted"),
    axis: v("--gl-axis"),
    grid: v("--gl-grid"),
    bg: v("--gl-bg"),
    accent: v("--gl-accent"),
    exact: lab.config.exact_color ?? "#7d8590",
    shade: v("--gl-shade"),
    eps: v("--gl-eps"),
    score: v("--gl-score"),
    font: style.fontFamily,
  };
}
