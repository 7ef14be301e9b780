import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { opacityProperties, scaled } from '../src/map/opacity';

describe('the opacity of a layer', () => {
  it('is scaled stop by stop where it changes with the zoom', () => {
    expect(scaled(['interpolate', ['linear'], ['zoom'], 5, 1, 9, 0.5], 0.5)).toEqual(['interpolate', ['linear'], ['zoom'], 5, 0.5, 9, 0.25]);
    expect(scaled(['step', ['zoom'], 0.2, 12, 1], 0.5)).toEqual(['step', ['zoom'], 0.1, 12, 0.5]);
    expect(scaled(['get', 'x'], 0.5)).toEqual(['*', 0.5, ['get', 'x']]);
    expect([scaled(undefined, 0.3), scaled(0.5, 0.5)]).toEqual([0.3, 0.25]);
  });

  it('remains an expression that the map reads, for every layer of the style', () => {
    const style = JSON.parse(readFileSync(new URL('../../tiles/style.json', import.meta.url), 'utf8'));
    for (const layer of style.layers) {
      for (const name of opacityProperties(layer)) layer.paint = { ...layer.paint, [name]: scaled(layer.paint?.[name], 0.4) };
    }
    expect(validateStyleMin(style)).toEqual([]);
  });
});
