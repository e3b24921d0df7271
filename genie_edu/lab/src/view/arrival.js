// @ts-check

const READER_MOVES = ["wheel", "touchstart", "pointerdown", "keydown"];

/**
 * Brings an element to the top of the window and keeps it there while the page above it still grows (figures
 * and formulas are drawn late), until the reader does something.
 * @param {HTMLElement} element
 * @returns {() => void} ends it
 */
export function arriveAt(element) {
  let height = 0;
  let place = 0;
  const go = () => {
    element.scrollIntoView?.({ block: "start", behavior: "instant" });
    height = document.body.scrollHeight;
    place = scrollY;
  };
  go();
  const grown = new ResizeObserver(go);
  grown.observe(document.body);
  // a scrollbar or a screen reader moves the page without any other event; a page that grows changes its height
  const scrolled = () => scrollY !== place && document.body.scrollHeight === height && end();
  const end = () => {
    grown.disconnect();
    removeEventListener("scroll", scrolled);
    for (const move of READER_MOVES) removeEventListener(move, end, true);
  };
  addEventListener("scroll", scrolled, { passive: true });
  for (const move of READER_MOVES) addEventListener(move, end, { capture: true, passive: true });
  return end;
}
