// The grid chosen and the point, drawn over the map.

import * as maplibregl from 'maplibre-gl';
import type { GridRef, LevelInfo, Position } from '../api/contract';
import type { MapView } from './view';

const colours = { day: '#e8590c', night: '#ffa94d' };
const prefix = 'selected-';

interface Selected {
  point?: Position | undefined;
  chain: GridRef[];
}

/**
 * Outlines, at every zoom, the smallest grid of the chain that the tiles carry there: the leaf when close, the
 * county from afar.
 */
export class Highlight {
  private selected: Selected = { chain: [] };
  private theme: keyof typeof colours;
  private readonly marker: maplibregl.Marker;

  constructor(
    private readonly view: MapView,
    private readonly levels: LevelInfo[],
    theme: keyof typeof colours,
  ) {
    this.theme = theme;
    const dot = document.createElement('div');
    dot.className = 'point-marker';
    this.marker = new maplibregl.Marker({ element: dot });
    // A new style knows nothing of our layers.
    view.map.on('style.load', () => this.draw());
  }

  setTheme(theme: keyof typeof colours): void {
    this.theme = theme;
  }

  set(selected: Selected): void {
    this.selected = selected;
    const { point } = selected;
    if (point) this.marker.setLngLat([point.lon, point.lat]).addTo(this.view.map);
    else this.marker.remove();
    this.draw();
  }

  private draw(): void {
    if (!this.view.isReady) return;
    const { map } = this.view;
    for (const { id } of map.getStyle().layers) if (id.startsWith(prefix)) map.removeLayer(id);
    const { chain } = this.selected;
    chain.forEach((grid, index) => this.outline(grid, chain[index + 1]));
  }

  /** Draws one grid in the zooms between its own first one and that of its child in the chain. */
  private outline(grid: GridRef, child: GridRef | undefined): void {
    const { map } = this.view;
    const firstZoom = (level: number) => this.levels.find((entry) => entry.level === level)?.min_zoom ?? 0;
    const zooms = { minzoom: firstZoom(grid.level), maxzoom: child ? firstZoom(child.level) : 24 };
    if (zooms.minzoom >= zooms.maxzoom) return;
    const common = {
      source: 'grids', 'source-layer': `grid_${grid.level}`, ...zooms,
      filter: ['==', ['get', 'code'], grid.code] as maplibregl.FilterSpecification,
    };
    const colour = colours[this.theme];
    const { layers } = map.getStyle();
    const names = layers.find(({ type }) => type === 'symbol')?.id;
    const borders = layers.find(({ type, id }) => type === 'line' && id !== 'grid-1-band' && !id.startsWith(prefix))?.id;
    const leaf = child === undefined;
    map.addLayer(
      { id: `${prefix}fill-${grid.level}`, type: 'fill', ...common, paint: { 'fill-color': colour, 'fill-opacity': leaf ? 0.12 : 0.08 } },
      borders,
    );
    map.addLayer(
      {
        id: `${prefix}line-${grid.level}`, type: 'line', ...common, layout: { 'line-join': 'round' },
        paint: { 'line-color': colour, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 2, 16, 3.4] },
      },
      // Below the raised buildings, which would otherwise seem to stand behind the line.
      map.getLayer('building-extruded') ? 'building-extruded' : names,
    );
  }
}
