// @ts-check
import { Head } from "./head.js";
import { Network } from "./network.js";

/** A learned flow as runs and the exact solution use one; with a head, that gives the derivative. */
export class LearnedField {
  constructor(net, narrowest, head = null) {
    this.net = net;
    this.narrowest = narrowest;
    this.head = head;
  }
  eps(X, o, B, gamma, E) {
    this.net.eps(X, o, B, gamma, E);
  }
  derivatives(X, o, B, gamma, E, D1, D2) {
    if (!this.head) return this.net.derivatives(X, o, B, gamma, E, D1, D2);
    this.net.eps(X, o, B, gamma, E);
    return this.head.derivative(this.net, X, o, B, gamma, E, D1);
  }
}

const unpacked = new WeakMap();

/** The networks that lab_networks.js or a widget's config holds: { net, heads: [{ step, r2, head }] }. */
export function networksOf(packed = globalThis.GenieLabNetworks) {
  if (!packed) throw new RangeError("the networks are not loaded");
  if (!unpacked.has(packed))
    unpacked.set(packed, {
      net: new Network(packed.base),
      heads: packed.heads.map((q) => ({ step: q.step, r2: q.r2, head: new Head(packed.head, q.weights) })),
    });
  return unpacked.get(packed);
}
