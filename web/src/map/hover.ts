// The outline of the grid that is pointed at elsewhere on the page.

import type { GridRef } from '../api/contract';
import type { MapView } from './view';

const layer = 'hovered-line';
const casing = 'hovered-casing';

/** Draws it; of none: takes it away. A level that the tiles of this zoom do not carry has no outline. */
export function drawHover({ map, isReady }: MapView, grid: GridRef | undefined): void {
  if (!isReady) return;
  for (const id of [layer, casing]) if (map.getLayer(id)) map.removeLayer(id);
  if (!grid) return;
  const common = {
    source: 'grids', 'source-layer': `grid_${grid.level}`, type: 'line' as const, filter: ['==', ['get', 'code'], grid.code] as ['==', ['get', string], string],
    layout: { 'line-join': 'round' as const },
  };
  map.addLayer({ id: casing, ...common, paint: { 'line-color': '#ffffff', 'line-width': 6, 'line-opacity': 0.85 } });
  map.addLayer({ id: layer, ...common, paint: { 'line-color': '#0b6bce', 'line-width': 3 } });
}
