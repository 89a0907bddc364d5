/*
 * Scripts of PowerShell, judged by a grammar that is not ours.
 *
 *     node --liftoff-only tests/interop/powershell.mjs FILE...
 *
 * Exit code 1 where one has an error of syntax or a character outside ASCII, or there is none. A grammar knows no
 * commands and no parameters: what they are called, and what they do, is not judged.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const modules = process.env.NODE_PATH;
const { Parser, Language } = createRequire(`${modules}/`)("web-tree-sitter");
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(path.join(modules, "tree-sitter-powershell/tree-sitter-powershell.wasm")));

function faults(node) {
    if (node.isError || node.isMissing) return [node];
    return node.hasError ? node.children.flatMap(faults) : [];
}

let refused = process.argv.length > 2 ? 0 : 1;
for (const file of process.argv.slice(2)) {
    const text = readFileSync(file, "utf8");
    const found = faults(parser.parse(text).rootNode);
    for (const { startPosition, text: near } of found)
        console.error(`${file}:${startPosition.row + 1}:${startPosition.column + 1}: no PowerShell near ${JSON.stringify(near.slice(0, 60))}`);
    const odd = /[^\x00-\x7f]/.exec(text);
    if (odd) console.error(`${file}: ${JSON.stringify(odd[0])} is not ASCII`);
    if (found.length || odd) refused++;
    else console.log(`${file} is PowerShell to tree-sitter`);
}
process.exit(refused ? 1 : 0);
