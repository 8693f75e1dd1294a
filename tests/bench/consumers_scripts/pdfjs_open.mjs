// Count what pdf.js strokes on the first page, and name its layers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, folder] = process.argv.slice(2);
const { getDocument, OPS } = await import(pathToFileURL(join(modules, "node_modules/pdfjs-dist/legacy/build/pdf.mjs")));
const pdf = await getDocument({ data: new Uint8Array(readFileSync(join(folder, "page.pdf"))), verbosity: 0 }).promise;
const page = await pdf.getPage(1);
const operators = await page.getOperatorList();
const { width, height } = page.getViewport({ scale: 25.4 / 72 });
const layers = [...(await pdf.getOptionalContentConfig())].map(([, group]) => group.name);
let strokes = 0;
const boxes = [];
for (const [index, operator] of operators.fnArray.entries()) {
  const [kind, , box] = operators.argsArray[index] ?? [];
  const closes = [OPS.stroke, OPS.closeStroke];
  if (operator === OPS.constructPath && closes.includes(kind) && box) {
    strokes += 1;
    const [left, low, right, high] = [...box].map((value) => (value * 25.4) / 72);
    boxes.push([left, height - high, right, height - low]);
  } else if (closes.includes(operator)) {
    strokes += 1;
  }
}
const said = { file: "pdf", page: `${width.toFixed(1)} × ${height.toFixed(1)}`, count: strokes, spot: layers.join(", "), boxes };
console.log(JSON.stringify([boxes.length ? said : { ...said, why: "it gives no boxes" }]));
