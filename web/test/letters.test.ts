import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { enlarged } from '../src/map/letters';

describe('the letters of the map', () => {
  const style = JSON.parse(readFileSync(new URL('../../tiles/style.json', import.meta.url), 'utf8'));

  it('are as the style has them where the page has the usual ones', () => {
    expect(enlarged(style, 1)).toBe(style);
  });

  it('grow with those of the page, and nothing but letters and symbols does', () => {
    const larger = enlarged(style, 1.5);
    expect(validateStyleMin(larger)).toEqual([]);
    const sizes = larger.layers.map(({ layout }, index) => [layout, style.layers[index].layout]).filter(([now]) => now && 'text-size' in now);
    expect(sizes.length).toBeGreaterThan(3);
    expect(larger.layers.filter(({ type }) => type !== 'symbol')).toEqual(style.layers.filter(({ type }: { type: string }) => type !== 'symbol'));
  });
});
