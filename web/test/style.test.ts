import { readFileSync } from 'node:fs';
import { validateStyleMin, type StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { day, night } from '../style/palette.mjs';
import { style } from '../style/style.mjs';

const files = { 'style.json': day, 'style-night.json': night };

function written(name: string): string {
  return readFileSync(new URL(`../../tiles/${name}`, import.meta.url), 'utf8');
}

/** The style as the server sends it. */
function served(name: string): StyleSpecification {
  return JSON.parse(written(name).replaceAll('{origin}', 'http://127.0.0.1:8080')) as StyleSpecification;
}

describe.each(Object.keys(files))('%s', (name) => {
  it('obeys the MapLibre style specification', () => {
    expect(validateStyleMin(served(name)).map(({ message }) => message)).toEqual([]);
  });

  it('is what `npm run style` writes', () => {
    const palette = files[name as keyof typeof files];
    expect(JSON.parse(written(name))).toEqual(style(palette));
  });

  it('asks nobody but the server that sent it', () => {
    const text = written(name);
    expect(text).not.toMatch(/https?:/);
    expect(JSON.parse(text)).not.toHaveProperty('glyphs');
  });

  it('draws every level of the grids as an area, a border and a name', () => {
    const { layers } = served(name);
    for (const level of [1, 2, 3, 4, 5, 6]) {
      const ids = layers.map(({ id }) => id);
      expect(ids).toContain(`grid-${level}-line`);
      expect(ids).toContain(`grid-${level}-label`);
    }
  });

  it('puts every layer but the background under a switch of the page', () => {
    const groups = served(name).layers.filter(({ type }) => type !== 'background')
      .map(({ metadata }) => (metadata as Record<string, unknown> | undefined)?.['gewu:group']);
    expect(new Set(groups)).toEqual(new Set(['grids', 'buildings', 'facilities']));
  });
});

it('day and night draw the same layers in the same order', () => {
  const ids = (name: string) => served(name).layers.map(({ id }) => id);
  expect(ids('style-night.json')).toEqual(ids('style.json'));
});
