// A whole MapLibre style. `{origin}` is filled in by the server with the address that the reader asked.

import { layers } from './layers.mjs';

const source = (name) => ({ type: 'vector', url: `{origin}/tiles/${name}` });

export function style(palette) {
  return {
    version: 8,
    name: palette.name,
    light: palette.light,
    sources: { grids: source('grids'), buildings: source('buildings'), facilities: source('facilities') },
    layers: layers(palette),
  };
}
