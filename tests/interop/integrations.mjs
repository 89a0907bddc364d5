/*
 * The settings for other programs in src/packaging/integrations, as far as npm has somebody who reads them.
 *
 *     node tests/interop/integrations.mjs FOLDER
 *
 * A strict parser of YAML 1.2 reads the YAML; names of the Elastic Common Schema are looked up in Elastic's own list, and the commands,
 * functions and units of each query in ES|QL in that of Elastic's editor. ES|QL's grammar is in no package of npm, so nobody
 * parses the queries. Exit code 1 where something is not known, or nothing was read.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The modules lie in build/, not beside us.
const require = createRequire(`${process.env.NODE_PATH}/`);
const { parseDocument } = require("yaml");
const { EcsFlat } = require("@elastic/ecs");
const esql = require("@elastic/monaco-esql/lib/definitions.js");
const folder = process.argv[2];
const faults = [];
const text = (name) => readFileSync(`${folder}/${name}`, "utf8");

function yaml(name) {
    const document = parseDocument(text(name), { strict: true, uniqueKeys: true });
    faults.push(...[...document.errors, ...document.warnings].map((fault) => `${name}: ${fault.message}`));
    return document.toJS();
}

const known = new Set(Object.keys(EcsFlat));
const isFree = (name) => /^(certwitness|winlog\.event_data)\.|^log\.offset$/.test(name);      // ours, and those of Beats
function isEcs(name, where) {
    if (!isFree(name) && !known.has(name)) faults.push(`${where}: ECS has no ${name}`);
}

function* leaves(properties, path = "") {
    for (const [name, one] of Object.entries(properties)) {
        if (one.properties) yield* leaves(one.properties, `${path}${name}.`);
        else yield [path + name, one];
    }
}

// What Elastic has for a field may be narrower or of a family with ours.
const FAMILY = { wildcard: "keyword", constant_keyword: "keyword" };
const family = (type) => FAMILY[type] ?? type;

let fields = 0, words = 0;
const filebeat = yaml("elastic-filebeat.yml"), bit = yaml("fluent-bit.yaml");
for (const processor of filebeat.processors) {
    for (const pair of processor.copy_fields?.fields ?? []) isEcs(pair.to, "elastic-filebeat.yml");
    const added = processor.add_fields;
    for (const [name, value] of Object.entries(added?.fields ?? {})) {
        const field = `${added.target}.${name}`;
        isEcs(field, "elastic-filebeat.yml");
        const allowed = EcsFlat[field]?.allowed_values?.map((one) => one.name);
        if (allowed?.length && !allowed.includes(value)) faults.push(`ECS takes no ${value} for ${field}`);
    }
}
for (const [name, one] of leaves(JSON.parse(text("elastic-template.json")).template.mappings.properties)) {
    fields++;
    if (isFree(name) || !known.has(name)) { isEcs(name, "elastic-template.json"); continue; }
    if (family(one.type) !== family(EcsFlat[name].type)) faults.push(`${name} is ${EcsFlat[name].type} in ECS, not ${one.type}`);
}
for (const name of text("fields.csv").split("\n").slice(1).map((row) => row.split(",")[1]).filter(Boolean)) isEcs(name, "fields.csv");

const commands = [...esql.sourceCommands, ...esql.processingCommands], units = esql.temporalUnits.flat().map((one) => one.toLowerCase());
const operators = ["AND", "OR", "NOT", "IS", "NULL", "IN", "LIKE", "RLIKE", ...esql.options];
for (const query of text("elastic-alerts.esql").replace(/^\/\/.*$/gm, "").replace(/"[^"]*"/g, '""').split(/^(?=FROM )/m).filter((one) => one.trim())) {
    for (const [, command] of query.matchAll(/^\|?\s*([A-Z_]+)\b(?=[ ])(?<=^(?:\| )?[A-Z_]+)/gm)) {
        words++;
        if (!commands.includes(command)) faults.push(`ES|QL has no command ${command}`);
    }
    for (const [, name] of query.matchAll(/\b([A-Za-z_]+)\(/g)) {
        words++;
        if (!esql.functions.includes(name.toUpperCase())) faults.push(`ES|QL has no function ${name}`);
    }
    for (const [, unit] of query.matchAll(/\b\d+ ([a-z]+)/g)) if (!units.includes(unit)) faults.push(`ES|QL has no unit ${unit}`);
    for (const [word] of query.matchAll(/\b[A-Z]{2,}\b(?!\()/g)) {
        if (![...commands, ...operators].includes(word)) faults.push(`ES|QL has no word ${word}`);
    }
}

for (const fault of faults) console.error(`integrations: ${fault}`);
console.log(`two files of YAML, ${fields} fields of the template and ${words} words of ES|QL were read`);
process.exitCode = faults.length || fields < 100 || words < 20 || !bit.pipeline.inputs.length ? 1 : 0;
