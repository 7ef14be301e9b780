// Writes the style of each theme to `tiles/`, from where the server serves it: `npm run style`.

import { writeFileSync } from 'node:fs';
import { day, night } from './palette.mjs';
import { style } from './style.mjs';

const files = { 'style.json': day, 'style-night.json': night };

for (const [name, palette] of Object.entries(files)) {
  writeFileSync(new URL(`../../tiles/${name}`, import.meta.url), `${JSON.stringify(style(palette), null, 2)}\n`);
}
