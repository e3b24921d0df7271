// @ts-check

import { fromFragment, toFragment } from "./engine/link.js";
import { SCHEMA } from "./engine/schema.js";
import { observedOrder } from "./maths/errors.js";
import { maths } from "./maths/index.js";
import { mount, mountAll } from "./view/mount.js";
import { formatNumber } from "./view/numbers.js";
import { render } from "./view/widget.js";

globalThis.GenieLab = {
  maths,
  mount,
  mountAll,
  render,
  version: "1",
  formatNumber,
  toFragment,
  fromFragment,
  observedOrder,
  SCHEMA,
};
