// Writes the sprite of our styles, `tiles/sprite/sprite{,@2x}.{png,json}`, from the drawings beside it: `npm run sprite`.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';

const folder = new URL('../sprite/', import.meta.url);
const columns = 6;
/** Between symbols, so that none bleeds into its neighbour when the map scales it. */
const gap = 1;

const drawings = readdirSync(folder).filter((file) => file.endsWith('.svg')).sort().map((file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const [, width, height] = /<svg[^>]* width="(\d+)" height="(\d+)"/.exec(text) ?? [];
  if (!width) throw new Error(`${file} does not say how wide and high it is in whole pixels`);
  return { name: file.slice(0, -4), text, width: Number(width), height: Number(height) };
});

/** Row by row, from the tallest to the lowest; all of a row start at its top. */
function place() {
  const ordered = drawings.toSorted((a, b) => b.height - a.height || (a.name < b.name ? -1 : 1));
  let [x, y, rowHeight, sheetWidth] = [0, 0, 0, 0];
  const placed = ordered.map((drawing, index) => {
    if (index > 0 && index % columns === 0) [x, y, rowHeight] = [0, y + rowHeight + gap, 0];
    const at = { ...drawing, x, y };
    x += drawing.width + gap;
    rowHeight = Math.max(rowHeight, drawing.height);
    sheetWidth = Math.max(sheetWidth, x - gap);
    return at;
  });
  return { placed, width: sheetWidth, height: y + rowHeight };
}

const { placed, width, height } = place();
const symbols = placed.map(({ text, x, y }) => text.replace('<svg ', `<svg x="${x}" y="${y}" `)).join('');
const sheet = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${symbols}</svg>`;

for (const pixelRatio of [1, 2]) {
  const suffix = pixelRatio === 1 ? '' : `@${pixelRatio}x`;
  const image = new Resvg(sheet, { fitTo: { mode: 'zoom', value: pixelRatio } }).render();
  const scaled = ({ x, y, width: w, height: h }) => ({ x: x * pixelRatio, y: y * pixelRatio, width: w * pixelRatio, height: h * pixelRatio, pixelRatio });
  const index = Object.fromEntries(placed.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((symbol) => [symbol.name, scaled(symbol)]));
  writeFileSync(new URL(`sprite${suffix}.png`, folder), image.asPng());
  writeFileSync(new URL(`sprite${suffix}.json`, folder), `${JSON.stringify(index, null, 2)}\n`);
}
console.log(`${placed.length} symbols, ${width} x ${height}`);
