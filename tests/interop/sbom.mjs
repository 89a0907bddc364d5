/*
 * SBOMs, judged by CycloneDX's own library against the strict schema of their version.
 *
 *     node tests/interop/sbom.mjs FILE...
 *
 * Exit code 1 where one is refused, or there is none.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The modules lie in build/, not beside us.
const { Spec, Validation } = createRequire(`${process.env.NODE_PATH}/`)("@cyclonedx/cyclonedx-library");

let refused = process.argv.length > 2 ? 0 : 1;
for (const file of process.argv.slice(2)) {
    const text = readFileSync(file, "utf8");
    const version = JSON.parse(text).specVersion;
    const known = Object.values(Spec.Version).includes(version);
    const faults = known ? await new Validation.JsonStrictValidator(version).validate(text) : `version ${version} is not known`;
    if (faults === null) {
        console.log(`${file} is CycloneDX ${version} to its makers' library`);
    } else {
        refused++;
        console.error(`${file} is refused: ${JSON.stringify(faults).slice(0, 600)}`);
    }
}
process.exit(refused ? 1 : 0);
