// @ts-check

/** What changes with the page's colours: any of these attributes of its root or body. */
const MARKS = ["data-theme", "data-mode", "class", "data-jp-theme-light", "data-jp-theme-name"];

/**
 * The colours and the font that the style sheet gives an element of a lab.
 * @type {(el: Element, exact: string) => { fg: string, muted: string, axis: string, grid: string, bg: string,
 *   accent: string, exact: string, shade: string, eps: string, score: string, font: string }}
 */
export function readTheme(el, exact) {
  const style = getComputedStyle(el);
  const v = (name) => style.getPropertyValue(name).trim();
  return {
    fg: v("--gl-fg"),
    muted: v("--gl-muted"),
    axis: v("--gl-axis"),
    grid: v("--gl-grid"),
    bg: v("--gl-bg"),
    accent: v("--gl-accent"),
    exact,
    shade: v("--gl-shade"),
    eps: v("--gl-eps"),
    score: v("--gl-score"),
    font: style.fontFamily,
  };
}

/** Calls `changed` whenever the colours may have changed; the function that comes back ends that. */
export function watchTheme(changed) {
  const observer = new MutationObserver(changed);
  for (const el of [document.documentElement, document.body])
    observer.observe(el, { attributes: true, attributeFilter: MARKS });
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", changed);
  };
}
