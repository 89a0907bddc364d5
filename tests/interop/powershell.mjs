/*
 * Scripts of PowerShell, judged by a grammar that is not ours.
 *
 *     node --liftoff-only tests/interop/powershell.mjs [--planted [--list]] FILE...
 *
 * FILE is a script, or a workflow, whose steps with the shell powershell are a script each. Exit code 1 where one has an
 * error of syntax or a character outside ASCII, or there is none. A grammar knows no commands and no parameters: what
 * they are called, and what they do, is not judged.
 *
 * --planted: does it find anything at all? In every script each bracket, brace, parenthesis and quotation mark is taken
 * out in turn, where it is one to the grammar, and a parenthesis too many is put behind the end. This one has to be found in
 * each script, and nine in ten of all. Not all can be: "[IO.File]::Exists" without its first bracket is a command of an odd
 * name, and this grammar lets a text end that has lost a quotation mark. --list shows what is not found.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const modules = process.env.NODE_PATH;
const require = createRequire(`${modules}/`);
const { Parser, Language } = require("web-tree-sitter");
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(path.join(modules, "tree-sitter-powershell/tree-sitter-powershell.wasm")));

function faults(node) {
    if (node.isError || node.isMissing) return [node];
    return node.hasError ? node.children.flatMap(faults) : [];
}

/* The steps that PowerShell runs: by the step's shell, or else by its job's default. */
function stepsOf(file, text) {
    return Object.values(require("yaml").parse(text).jobs).flatMap(({ defaults, steps }) => steps
        .filter(({ run, shell }) => run && (shell ?? defaults?.run?.shell) === "powershell")
        .map(({ name, run }) => ({ name: `${file}, step ${JSON.stringify(name)}`, text: run })));
}

function scriptsOf(file) {
    const text = readFileSync(file, "utf8");
    return /\.ya?ml$/.test(file) ? stepsOf(file, text) : [{ name: file, text }];
}

function complaints({ name, text }) {
    const found = faults(parser.parse(text).rootNode).map(({ startPosition, text: near }) =>
        `${name}:${startPosition.row + 1}:${startPosition.column + 1}: no PowerShell near ${JSON.stringify(near.slice(0, 60))}`);
    const odd = /[^\x00-\x7f]/.exec(text);
    return odd ? [...found, `${name}: ${JSON.stringify(odd[0])} is not ASCII`] : found;
}

/* Where a mark stands that opens or closes something. */
function marks(node) {
    if (/^["'(){}[\]]$|^[$@][({]$/.test(node.type)) return [node.startIndex + node.type.length - 1];
    if (/string_literal|verbatim_string/.test(node.type) && /^["']/.test(node.text)) return [node.startIndex, node.endIndex - 1, ...node.children.flatMap(marks)];
    return node.children.flatMap(marks);
}

function planted({ name, text }) {
    const places = [...new Set(marks(parser.parse(text).rootNode))];
    const broken = places.map(at => ({ what: `without the ${text[at]} at ${at}`, text: text.slice(0, at) + text.slice(at + 1) }));
    const last = { what: "with a parenthesis too many", text: `${text.trimEnd()} (\n` };
    if (!complaints({ name, text: last.text }).length) throw new Error(`${name} is taken ${last.what}`);
    broken.push(last);
    const taken = broken.filter(one => !complaints({ name, text: one.text }).length);
    if (listing) for (const { what } of taken) console.error(`${name} is taken ${what}: ${JSON.stringify(text.slice(Math.max(0, +what.split(" ").pop() - 30), +what.split(" ").pop() + 30))}`);
    return { count: broken.length, taken: taken.length };
}

const words = process.argv.slice(2), planting = words.includes("--planted"), listing = words.includes("--list");
const scripts = words.filter(word => !word.startsWith("--")).flatMap(scriptsOf);
let refused = scripts.length ? 0 : 1, errors = 0, missed = 0;
for (const script of scripts) {
    if (planting) {
        const { count, taken } = planted(script);
        errors += count;
        missed += taken;
        continue;
    }
    const found = complaints(script);
    for (const line of found) console.error(line);
    if (found.length) refused++;
    else console.log(`${script.name} is PowerShell to tree-sitter`);
}
if (planting) console.log(`of ${errors} errors planted into ${scripts.length} scripts, tree-sitter finds all but ${missed}`);
process.exit(refused || missed > errors / 10 ? 1 : 0);
