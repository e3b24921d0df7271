// @ts-check

/**
 * Element with attributes (strings only reach setAttribute) and children; text is always a text node.
 * @param {string} tag
 * @param {Record<string, any>} attributes one that begins with "on" is a listener
 * @param {...any} children null is left out
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) el.append(child);
  return el;
}
