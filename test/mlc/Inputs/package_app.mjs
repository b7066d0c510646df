// Classifies digits with a package of mlc: package_app.mjs PACKAGE PIXELS.f32 prints a digit a line.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const { INPUTS, Model } = await import(pathToFileURL(`${folder}/index.js`));
const model = await Model.load();
const bytes = readFileSync(file);
const pixels = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
for (let at = 0; at < pixels.length; at += 64) {
  const { scores } = model.run({ [INPUTS[0].name]: pixels.slice(at, at + 64) });
  console.log(scores.indexOf(Math.max(...scores)), scores[0].toFixed(4));
}
