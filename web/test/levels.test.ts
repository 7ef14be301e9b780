import { validateStyleMin, type StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import type { LevelInfo } from '../src/api/contract';
import { fitLevels } from '../src/map/levels';
import { day } from '../style/palette.mjs';
import { style } from '../style/style.mjs';

const whole = style(day) as StyleSpecification;

/** Levels 1, 2, ... that appear at the given zooms. */
function levels(...zooms: number[]): LevelInfo[] {
  return zooms.map((min_zoom, index) => ({ level: index + 1, name: '', name_en: '', min_zoom, max_zoom: 22, count: 1 }));
}

function layer(fitted: StyleSpecification, id: string) {
  return fitted.layers.find((entry) => entry.id === id) as Record<string, unknown> & { paint: unknown };
}

describe('the style for a deployment', () => {
  it('is the style itself where the levels are those of a prefecture', () => {
    expect(fitLevels(whole, levels(0, 5, 8, 10, 12, 14))).toEqual(whole);
  });

  it('draws the towns of a city of three levels as towns, though they are its level 1', () => {
    const fitted = fitLevels(whole, levels(8, 10, 12));
    expect(layer(fitted, 'grid-1-line').paint).toEqual(layer(whole, 'grid-3-line').paint);
    expect(layer(fitted, 'grid-3-line').paint).toEqual(layer(whole, 'grid-5-line').paint);
    expect(layer(fitted, 'grid-1-line')['source-layer']).toBe('grid_1');
    expect(layer(fitted, 'grid-1-label').filter).toEqual(['==', ['get', 'level'], 1]);
    expect(layer(fitted, 'grid-1-line').metadata).toMatchObject({ 'gewu:level': 1 });
  });

  it('leaves out the layers for which the tiles have nothing, and keeps everything else', () => {
    const ids = fitLevels(whole, levels(0, 5, 8)).layers.map(({ id }) => id);
    expect(ids.filter((id) => /^grid-[456]-/.test(id))).toEqual([]);
    expect(ids).toContain('background');
    expect(ids).toContain('facility-dot');
  });

  it('appears when the tiles do, also at an unusual zoom', () => {
    expect(layer(fitLevels(whole, levels(7, 9, 11)), 'grid-1-line').minzoom).toBe(7);
  });

  it('is valid and names no layer twice, whatever the levels', () => {
    for (const zooms of [[], [0], [14], [3, 3, 3], [8, 10, 12], [9, 11, 13, 15], [0, 1, 2, 3, 4, 5]]) {
      const fitted = fitLevels(whole, levels(...zooms));
      const served = JSON.parse(JSON.stringify(fitted).replaceAll('{origin}', 'http://127.0.0.1')) as StyleSpecification;
      expect(validateStyleMin(served).map(({ message }) => message), String(zooms)).toEqual([]);
      expect(new Set(fitted.layers.map(({ id }) => id)).size, String(zooms)).toBe(fitted.layers.length);
    }
  });
});
