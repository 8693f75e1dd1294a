// Draw the SVG with resvg.
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const [modules, folder, dpi] = process.argv.slice(2);
const { Resvg } = require(join(modules, "node_modules/@resvg/resvg-js"));

const fitTo = { mode: "zoom", value: Number(dpi) / 96 };
const drawing = new Resvg(readFileSync(join(folder, "page.svg"), "utf8"), { background: "#fff", fitTo });
writeFileSync(join(folder, "resvg.png"), drawing.render().asPng());
