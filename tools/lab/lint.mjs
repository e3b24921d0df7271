// Holds the sources to Biome's rules and format, to TypeScript's reading of their comments, and to 120 columns.
// `node lint.mjs --fix` formats and mends what it can.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COLUMNS = 120;
const root = fileURLToPath(new URL("../..", import.meta.url));
const here = join(root, "tools", "lab");
const folders = ["genie_edu/lab/src", "tests/lab", "tools/lab"];

const run = (tool, ...options) => {
  const program = join(here, "node_modules", ".bin", tool);
  return spawnSync(program, options, { cwd: root, stdio: "inherit" }).status === 0;
};

const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /\.m?js$/.test(name) && !name.includes("node_modules")),
);
const wide = sources.flatMap((name) =>
  readFileSync(join(root, name), "utf8")
    .split("\n")
    .flatMap((line, i) => (line.length > COLUMNS ? [`${name}:${i + 1}: ${line.length} columns`] : [])),
);
for (const line of wide) console.error(line);

const mend = process.argv.includes("--fix") ? ["--write"] : [];
const style = run("biome", "check", ...mend, "--error-on-warnings", "--config-path=tools/lab/lint.json", ...sources);
const types = run("tsc", "--project", "tools/lab/tsconfig.json");
process.exitCode = style && types && !wide.length ? 0 : 1;
