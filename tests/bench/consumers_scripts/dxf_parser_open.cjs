// Read both DXF with the npm package dxf-parser.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const [modules, folder] = process.argv.slice(2);
const parser = require(join(modules, "node_modules/dxf-parser"));
const DxfParser = parser.DxfParser ?? parser.default ?? parser;

const said = [["mm", 1], ["inch", 25.4]].map(([name, mm]) => {
  const drawing = new DxfParser().parseSync(readFileSync(join(folder, `${name}.dxf`), "utf8"));
  const lines = drawing.entities;
  const boxes = lines.map(({ vertices }) => {
    const xs = vertices.map(({ x }) => x * mm), ys = vertices.map(({ y }) => 297 - y * mm);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  });
  const unit = { 4: "mm", undefined: "none" }[drawing.header.$INSUNITS];
  const layers = [...new Set(lines.map(({ layer }) => `layer ${layer}`))].join(", ");
  const closed = lines.every(({ shape }) => shape) ? "yes" : "no";
  return { file: `dxf ${name}`, count: lines.length, closed, unit, spot: layers, boxes };
});
console.log(JSON.stringify(said));
