/*
 * Lines of journals, read by the CloudEvents SDK for JavaScript.
 *
 *     tests/lib/journals.py | node tests/interop/strict.mjs
 *
 * Each line is read as an event of the JSON format, as a receiver reads it, and made anew in the strict mode; both have to give back
 * every member as the line has it. Prints how many were read. Exit code 1 where one is refused, or there is none.
 */
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";

// The modules lie in build/, not beside us.
const { CloudEvent, HTTP } = createRequire(`${process.env.NODE_PATH}/`)("cloudevents");
const headers = { "content-type": "application/cloudevents+json; charset=utf-8" };

function check(line) {
    const want = JSON.parse(line);
    for (const event of [HTTP.toEvent({ headers, body: line }), new CloudEvent(want, true)]) {
        if (Array.isArray(event)) throw new Error("read as more than one event");
        if (event.validate() !== true) throw new Error("not valid");         // of another version it says no without a word
        for (const [name, value] of Object.entries(want)) {
            if (!isDeepStrictEqual(event[name], value)) throw new Error(`${name} became ${JSON.stringify(event[name])}`);
        }
    }
}

let count = 0, refused = 0;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    count++;
    try {
        check(line);
    } catch (fault) {
        refused++;
        const why = [fault.message, ...(fault.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)].join("; ");
        console.error(`line ${count} is refused: ${why}\n  ${line.slice(0, 300)}`);
    }
}
console.log(`${count - refused} of ${count} lines are CloudEvents to the SDK`);
process.exit(count === 0 || refused > 0 ? 1 : 0);
