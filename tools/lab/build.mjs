// Bundles genie_edu/lab/src into the one classic script that pages and the widget load.
// `node build.mjs [FILE]`; without FILE it is genie_edu/lab/solver_lab.js.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const banner = `/* genie_edu's live lab: the exact 2-D world of the book in one classic script, no dependencies.
 * Bundled by \`make lab\` from genie_edu/lab/src; change it there. */
"use strict";`;

await build({
  absWorkingDir: root,
  entryPoints: ["genie_edu/lab/src/main.js"],
  outfile: resolve(process.argv[2] ?? `${root}/genie_edu/lab/solver_lab.js`),
  bundle: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  banner: { js: banner },
  logLevel: "warning",
});
