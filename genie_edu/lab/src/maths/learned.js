// @ts-check
import { Head } from "./head.js";
import { Network } from "./network.js";

/** A learned flow as runs and the exact solution use one; with a head, that gives the derivative. */
export class LearnedField {
  /**
   * @param {Network} net
   * @param {number} narrowest standard deviation of the narrowest mode that it was trained on
   * @param {Head | null} head
   */
  constructor(net, narrowest, head = null) {
    this.net = net;
    this.narrowest = narrowest;
    this.head = head;
  }

  /** @type {import("./types.js").Field["eps"]} */
  eps(X, o, B, gamma, E) {
    this.net.eps(X, o, B, gamma, E);
  }

  /** @type {import("./types.js").Field["derivatives"]} */
  derivatives(X, o, B, gamma, E, D1, D2) {
    if (!this.head) return this.net.derivatives(X, o, B, gamma, E, D1, D2);
    this.net.eps(X, o, B, gamma, E);
    return this.head.derivative(this.net, X, o, B, gamma, E, D1);
  }
}

/** By what a script or a widget handed over, so that labs share one network. */
const unpacked = new WeakMap();

/**
 * The networks that lab_networks.js or a widget's config holds.
 * @param {any} packed
 * @returns {{ net: Network, heads: { step: number, r2: number, head: Head }[] }}
 */
export function networksOf(packed = globalThis.GenieLabNetworks) {
  if (!packed) throw new RangeError("the networks are not loaded");
  if (!unpacked.has(packed))
    unpacked.set(packed, {
      net: new Network(packed.base),
      heads: packed.heads.map((q) => ({ step: q.step, r2: q.r2, head: new Head(packed.head, q.weights) })),
    });
  return unpacked.get(packed);
}
