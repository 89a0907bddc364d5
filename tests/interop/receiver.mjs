/*
 * A receiver of events behind a web server, made with the CloudEvents SDK for JavaScript.
 *
 *     node tests/interop/receiver.mjs OUT
 *
 * Listens on a free port of 127.0.0.1 and prints its number. Each request is read by the SDK, one event or a batch, and every event made anew in
 * its strict mode. Then each event is a line of the file OUT, and the answer is 204; else it is 400 with what the SDK says.
 */
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

// The modules lie in build/, not beside us.
const { CloudEvent, HTTP } = createRequire(`${process.env.NODE_PATH}/`)("cloudevents");
const [out] = process.argv.slice(2);

function read(headers, body) {
    const events = [HTTP.toEvent({ headers, body })].flat();
    if (events.length === 0) throw new Error("no event");
    for (const event of events) {
        if (event.validate() !== true) throw new Error("not valid");
        new CloudEvent({ ...event }, true);
    }
    return events;
}

const server = createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
        try {
            const events = read(request.headers, Buffer.concat(pieces).toString("utf8"));
            appendFileSync(out, events.map((event) => JSON.stringify({ ...event }) + "\n").join(""));
            response.writeHead(204).end();
        } catch (fault) {
            response.writeHead(400).end(`the SDK says: ${fault.message}`);
        }
    });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
