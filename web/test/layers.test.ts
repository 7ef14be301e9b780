import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import { describe, expect, it } from 'vitest';
import { isVisible, switchOf, type Switch } from '../src/map/layers';
import { day } from '../style/palette.mjs';
import { style } from '../style/style.mjs';

const whole = style(day) as StyleSpecification;
const layer = (id: string) => whole.layers.find((entry) => entry.id === id)!;

describe('the layers of the style', () => {
  it('are under the switch of their level or group', () => {
    expect(switchOf(layer('grid-2-fill'))).toBe('grids-2');
    expect(switchOf(layer('grid-2-label'))).toBe('grids-2');
    expect(switchOf(layer('facility-symbol'))).toBe('facilities');
    expect(switchOf(layer('background'))).toBeUndefined();
  });

  it('show buildings flat or raised, never both', () => {
    const shown = (extruded: boolean) => ['building-flat', 'building-extruded'].filter((id) => isVisible(layer(id), new Set(), extruded));
    expect(shown(false)).toEqual(['building-flat']);
    expect(shown(true)).toEqual(['building-extruded']);
  });

  it('show what stands for many wherever the tiles carry it, under the switch of what it stands for', () => {
    for (const [id, source, name] of [['building-blocks', 'building_blocks', 'buildings'], ['facility-cluster', 'facility_clusters', 'facilities']]) {
      const shown = layer(id!) as LayerSpecification & { 'source-layer': string };
      expect(shown['source-layer']).toBe(source);
      expect(shown.maxzoom).toBeUndefined();
      expect(switchOf(shown)).toBe(name);
      expect(isVisible(shown, new Set(), true)).toBe(true);
    }
  });

  it('hide with their switch', () => {
    const hidden = new Set<Switch>(['grids-2', 'buildings']);
    expect(isVisible(layer('grid-2-line'), hidden, false)).toBe(false);
    expect(isVisible(layer('grid-3-line'), hidden, false)).toBe(true);
    expect(isVisible(layer('building-extruded'), hidden, true)).toBe(false);
  });
});
