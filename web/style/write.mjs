// Writes the styles to `tiles/`, from where the server serves them: `npm run style`.

import { writeFileSync } from 'node:fs';
import { styles } from './styles.mjs';

/** One layer a line, so that a change reads as what it is. */
function text({ layers, ...head }) {
  const lines = layers.map((layer) => `    ${JSON.stringify(layer)}`).join(',\n');
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "layers": [\n${lines}\n  ]\n}\n`;
}

for (const [name, style] of Object.entries(styles)) writeFileSync(new URL(`../../tiles/${name}`, import.meta.url), text(style));
