// A wall is read from afar: where the letters of the page are larger, so are those of the map, and its symbols.

import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import { scaled } from './opacity';

const usual = 16;

/** How many times larger than usual the letters of the page are. */
export function largeness(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / usual;
}

/** The style with letters and symbols so many times larger. */
export function enlarged(style: StyleSpecification, times: number): StyleSpecification {
  const larger = (layer: LayerSpecification): LayerSpecification => {
    if (layer.type !== 'symbol') return layer;
    const { 'text-size': text = usual, 'icon-size': icon = 1 } = layer.layout ?? {};
    return { ...layer, layout: { ...layer.layout, 'text-size': scaled(text, times) as number, 'icon-size': scaled(icon, times) as number } };
  };
  return times === 1 ? style : { ...style, layers: style.layers.map(larger) };
}
