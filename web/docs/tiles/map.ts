// A small map on which a click chooses a tile.

import 'maplibre-gl/dist/maplibre-gl.css';
import * as maplibregl from 'maplibre-gl';
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { address, headersOf, type Credentials } from '../ask';
import { extentOf, tileAt, type TileId } from './matrix';

maplibregl.setWorkerUrl(address(workerUrl));

export interface SmallMap {
  /** Outlines a tile, and shows it where it is out of sight. */
  outline(tile: TileId): void;
  colour(theme: 'day' | 'night'): void;
  remove(): void;
}

const fonts = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const styleOf = (theme: 'day' | 'night') => address(`style.json?theme=${theme}&base=none`);

function frame(tile: TileId): GeoJSON.Feature<GeoJSON.Polygon> {
  const [west, south, east, north] = extentOf(tile);
  const coordinates = [[[west, south], [east, south], [east, north], [west, north], [west, south]]];
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates } };
}

function draw(map: MapLibre, tile: TileId): void {
  const source = map.getSource<GeoJSONSource>('chosen');
  if (source) return void source.setData(frame(tile));
  map.addSource('chosen', { type: 'geojson', data: frame(tile) });
  map.addLayer({ id: 'chosen', type: 'line', source: 'chosen', paint: { 'line-color': '#c2410c', 'line-width': 3 } });
}

/** Is the tile in sight, and neither a dot nor far larger than the map? */
function isSeen(map: MapLibre, tile: TileId): boolean {
  const [west, south, east, north] = extentOf(tile);
  const seen = map.getBounds();
  const isNear = Math.abs(map.getZoom() - tile.z) < 2.5;
  return isNear && seen.getWest() < east && seen.getEast() > west && seen.getSouth() < north && seen.getNorth() > south;
}

export function smallMap(container: HTMLElement, label: string, first: TileId, theme: 'day' | 'night', credentials: Credentials, onTile: (tile: TileId) => void): SmallMap {
  let shown = first;
  const here = address('/');
  const map = new maplibregl.Map({
    container,
    style: styleOf(theme),
    bounds: extentOf(first),
    fitBoundsOptions: { padding: 24 },
    attributionControl: { compact: true },
    locale: { 'Map.Title': label },
    localIdeographFontFamily: fonts,
    pitchWithRotate: false,
    dragRotate: false,
    transformRequest: (url) => (url.startsWith(here) ? { url, headers: headersOf({}, credentials) } : { url }),
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  // A new style takes away what was added to the old one.
  map.on('style.load', () => draw(map, shown));
  map.on('click', ({ lngLat: { lng, lat } }) => onTile(tileAt(lng, lat, map.getZoom())));
  return {
    outline(tile) {
      shown = tile;
      if (map.isStyleLoaded() || map.getSource('chosen')) draw(map, tile);
      const [west, south, east, north] = extentOf(tile);
      if (!isSeen(map, tile)) map.fitBounds([west, south, east, north], { padding: 24, animate: false });
    },
    colour: (next) => map.setStyle(styleOf(next)),
    remove: () => map.remove(),
  };
}
