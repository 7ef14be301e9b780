import { readFileSync } from 'node:fs';
import { validateStyleMin, type StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { families, otherSymbol } from '../style/facilities.mjs';
import { styles } from '../style/styles.mjs';

function written(name: string): string {
  return readFileSync(new URL(`../../tiles/${name}`, import.meta.url), 'utf8');
}

/** The style as the server sends it. */
function served(name: string): StyleSpecification {
  const filled = { origin: 'http://127.0.0.1:8080', tianditu_picture: 'img', tianditu_labels: 'cia', tianditu_key: '0a1b2c' };
  const text = Object.entries(filled).reduce((all, [key, value]) => all.replaceAll(`{${key}}`, value), written(name));
  return JSON.parse(text) as StyleSpecification;
}

const overTianditu = (name: string) => name.includes('tianditu');

describe.each(Object.keys(styles))('%s', (name) => {
  it('obeys the MapLibre style specification', () => {
    expect(validateStyleMin(served(name)).map(({ message }) => message)).toEqual([]);
  });

  it('is what `npm run style` writes', () => {
    expect(JSON.parse(written(name))).toEqual(styles[name as keyof typeof styles]);
  });

  it('asks nobody but the server that sent it, and Tianditu only where it is the base', () => {
    const hosts = [...written(name).matchAll(/https?:\/\/([^/"]+)/g)].map(([, host]) => host!);
    const foreign = hosts.filter((host) => !(overTianditu(name) && /^t[0-7]\.tianditu\.gov\.cn$/.test(host)));
    expect(foreign).toEqual([]);
    expect(hosts.length > 0).toBe(overTianditu(name));
    expect(served(name).glyphs).toBe('http://127.0.0.1:8080/glyphs/{fontstack}/{range}.pbf');
    expect(served(name).sprite).toBe('http://127.0.0.1:8080/sprite');
  });

  it('draws every level of the grids as an area, a border and a name', () => {
    const ids = served(name).layers.map(({ id }) => id);
    for (const level of [1, 2, 3, 4, 5, 6]) {
      expect(ids).toContain(`grid-${level}-line`);
      expect(ids).toContain(`grid-${level}-label`);
    }
  });

  it('places names by their rank', () => {
    const labels = served(name).layers.filter(({ id }) => /^grid-\d-label$/.test(id));
    for (const { layout } of labels) expect(layout).toHaveProperty('symbol-sort-key', ['coalesce', ['get', 'rank'], 0]);
  });

  it('puts every layer but the background under a switch of the page', () => {
    const groups = served(name).layers.filter(({ type }) => type !== 'background')
      .map(({ metadata }) => (metadata as Record<string, unknown> | undefined)?.['gewu:group']);
    expect(new Set(groups)).toEqual(new Set([...(overTianditu(name) ? ['base'] : []), 'grids', 'buildings', 'facilities']));
  });

  it('asks for fonts of which the server has one in each stack', () => {
    for (const { layout } of served(name).layers) {
      const fonts = (layout as { 'text-font'?: string[] } | undefined)?.['text-font'];
      if (fonts) expect(fonts.some((font) => ['Noto Sans Regular', 'Noto Sans Bold'].includes(font)), String(fonts)).toBe(true);
    }
  });
});

it('day and night draw the same layers in the same order', () => {
  const ids = (name: string) => served(name).layers.map(({ id }) => id);
  expect(ids('style-night.json')).toEqual(ids('style.json'));
  expect(ids('style-tianditu-night.json')).toEqual(ids('style-tianditu.json'));
});

it('the picture and the labels of Tianditu lie below everything else, and are credited', () => {
  const { layers, sources } = served('style-tianditu.json');
  expect(layers.slice(0, 3).map(({ id }) => id)).toEqual(['background', 'tianditu-picture', 'tianditu-labels']);
  const { tiles, attribution } = sources['tianditu-picture'] as { tiles: string[]; attribution: string };
  expect(tiles[3]).toMatch(/^https:\/\/t3\.tianditu\.gov\.cn\/img_w\/wmts\?.*LAYER=img&.*TILEMATRIXSET=w&.*&tk=0a1b2c$/);
  expect(attribution).toContain('天地图');
});

describe.each([1, 2])('the sprite at %d pixels a pixel', (ratio) => {
  const suffix = ratio === 1 ? '' : '@2x';
  const index = JSON.parse(written(`sprite/sprite${suffix}.json`)) as Record<string, { x: number; y: number; width: number; height: number; pixelRatio: number }>;
  const picture = readFileSync(new URL(`../../tiles/sprite/sprite${suffix}.png`, import.meta.url));

  it('has a symbol for each class of facilities and one for all others', () => {
    for (const name of [...Object.keys(families), otherSymbol]) expect(index).toHaveProperty(name);
  });

  it('keeps its symbols inside the picture and apart from each other', () => {
    // Width and height stand in the first chunk of a PNG.
    const [width, height] = [picture.readUInt32BE(16), picture.readUInt32BE(20)];
    const places = Object.values(index);
    for (const a of places) {
      expect(a.pixelRatio).toBe(ratio);
      expect(a.x + a.width).toBeLessThanOrEqual(width);
      expect(a.y + a.height).toBeLessThanOrEqual(height);
      const overlapping = places.filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height);
      expect(overlapping).toHaveLength(1);
    }
  });
});
