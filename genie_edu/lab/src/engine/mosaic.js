// @ts-check

const MOST_STRIPS = 64; // kept: a drag of the blend makes one a step

/** A mosaic of tiles, the same seeds in each of its rows. */
export class Mosaic {
  /** @param {{ tile: number, columns: number, image: string }} packed tile: its side; image: a data address */
  constructor({ tile, columns, image }) {
    this.tile = tile;
    this.columns = columns;
    this.strips = new Map();
    /** @type {HTMLImageElement | null} */
    this.picture = null; // until it is decoded
    const picture = new Image();
    picture.src = image;
    this.ready = picture.decode().then(() => {
      this.picture = picture;
    });
  }

  /**
   * A row of tiles, its bytes (red, green, blue, alpha) changed in place by `change`: kept by name.
   * @param {number} row
   * @param {string} name
   * @param {((data: Uint8ClampedArray) => void) | null} change
   * @returns {{ canvas: HTMLCanvasElement, data: Uint8ClampedArray }}
   */
  changed(row, name = "", change = null) {
    const key = `${row} ${name}`;
    const { tile, columns, strips } = this;
    const w = tile * columns;
    if (!strips.has(key)) {
      if (strips.size > MOST_STRIPS) strips.clear();
      const canvas = document.createElement("canvas");
      canvas.width = w;
      canvas.height = tile;
      const ctx = canvas.getContext("2d", { willReadFrequently: true });
      ctx.drawImage(this.picture, 0, row * tile, w, tile, 0, 0, w, tile);
      const image = ctx.getImageData(0, 0, w, tile);
      const { data } = image;
      if (change) {
        change(data);
        ctx.putImageData(image, 0, 0);
      }
      strips.set(key, { canvas, data });
    }
    return strips.get(key);
  }
}
