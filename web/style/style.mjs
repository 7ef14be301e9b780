// A whole MapLibre style. What stands in braces is filled in by the server: the address that the reader asked, and, with a
// base map, Tianditu's layers and the key of the deployment.

import { baseSources } from './base.mjs';
import { layers } from './layers.mjs';

const source = (name) => ({ type: 'vector', url: `{origin}/tiles/${name}` });

/** `base`: with Tianditu's map or imagery below everything. */
export function style(palette, base = false) {
  return {
    version: 8,
    name: palette.name,
    glyphs: '{origin}/glyphs/{fontstack}/{range}.pbf',
    sprite: '{origin}/sprite',
    light: palette.light,
    sky: palette.sky,
    sources: { ...(base && baseSources()), grids: source('grids'), buildings: source('buildings'), facilities: source('facilities') },
    layers: layers(palette, base),
  };
}
