import type { layers as zh } from '../zh/layers';

export const layers: typeof zh = {
  title: 'Layers',
  grids: 'Grid levels',
  dedicated: 'Dedicated grids',
  things: 'Buildings and facilities',
  buildings: 'Buildings',
  facilities: 'Facilities',
  base: 'Tianditu base map',
  fromZoom: 'from zoom {n}',
};
