/**
 * Unpacks the Chromium of the npm package beside this file, and prints how to start it: `{"program", "environment"}`.
 *
 *     TMPDIR=FOLDER node unpack.mjs
 *
 * The package unpacks into the folder for temporary files. Made for machines that have nothing, it also brings the few libraries
 * and the font that such a machine lacks.
 */
import { join } from "node:path";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import chromium, { inflate } from "@sparticuz/chromium";

const packed = fileURLToPath(new URL("../../bin", import.meta.resolve("@sparticuz/chromium")));
await inflate(join(packed, "al2023.tar.br"));
const program = await chromium.executablePath();
const environment = {
  LD_LIBRARY_PATH: join(tmpdir(), "al2023", "lib"),
  FONTCONFIG_PATH: join(tmpdir(), "fonts"),
};
console.log(JSON.stringify({ program, environment }));
