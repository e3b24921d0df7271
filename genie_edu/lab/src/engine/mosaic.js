// @ts-check

/** A mosaic of tiles, the same seeds in each of its rows. */
export class Mosaic {
  constructor({ tile, columns, image }) {
    Object.assign(this, { tile, columns, strips: new Map(), picture: null });
    const picture = new Image();
    picture.src = image;
    this.ready = picture.decode().then(() => {
      this.picture = picture;
    });
  }

  /** A row of tiles, its bytes (red, green, blue, alpha) changed in place by `change`: a canvas and its bytes, kept by name. */
  changed(row, name = "", change = null) {
    const key = `${row} ${name}`;
    const { tile, columns, strips } = this;
    const w = tile * columns;
    if (!strips.has(key)) {
      if (strips.size > 64) strips.clear();
      const canvas = document.createElement("canvas");
      const ctx = ((canvas.width = w), (canvas.height = tile), canvas.getContext("2d", { willReadFrequently: true }));
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
