// Read both DXF with the npm package dxf.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const [modules, folder] = process.argv.slice(2);
const { parseString } = require(join(modules, "node_modules/dxf"));

const said = [["mm", 1], ["inch", 25.4]].map(([name, mm]) => {
  const drawing = parseString(readFileSync(join(folder, `${name}.dxf`), "utf8"));
  const lines = drawing.entities;
  const boxes = lines.map(({ vertices }) => {
    const xs = vertices.map(({ x }) => x * mm), ys = vertices.map(({ y }) => 297 - y * mm);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  });
  const unit = { 4: "mm", undefined: "none" }[drawing.header.insUnits];
  const layers = [...new Set(lines.map(({ layer }) => `layer ${layer}`))].join(", ");
  const closed = lines.every(({ closed }) => closed) ? "yes" : "no";
  return { file: `dxf ${name}`, count: lines.length, closed, unit, spot: layers, boxes };
});
console.log(JSON.stringify(said));
