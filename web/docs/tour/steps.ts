// The tour: what can be asked, in the order in which one gets to know it. Each request is made of the place that the server named.

import type { Asked } from '../ask';
import type { Place } from '../place';

/** Names a step and its words. */
export type StepId =
  | 'resolve' | 'past' | 'batch' | 'chain' | 'search' | 'items' | 'stats' | 'nearby' | 'within' | 'coverage' | 'tiles' | 'events' | 'export' | 'people' | 'mistake';

export interface Step {
  id: StepId;
  /** What may be asked, each with the key of its label. */
  requests: { label: string; asked: Asked }[];
}

const get = (label: string, target: string) => ({ label, asked: { method: 'GET', target } });
const post = (label: string, target: string, media: string, body: string) => ({ label, asked: { method: 'POST', target, media, body } });

const rounded = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

/** West, south, east, north of a square around the place, so many degrees to each side. */
function around({ lon, lat }: Place, reach: number): [number, number, number, number] {
  return [rounded(lon - reach), rounded(lat - reach), rounded(lon + reach), rounded(lat + reach)];
}

function square(place: Place, reach: number): [number, number][] {
  const [west, south, east, north] = around(place, reach);
  return [[west, south], [east, south], [east, north], [west, north], [west, south]];
}

/** A grid some levels below the top, or the deepest that there is. */
function below(place: Place, levels: number) {
  const { chain } = place;
  return chain[Math.min(levels, chain.length - 1)] ?? { level: 1, code: '', name: '' };
}

function batch(place: Place): Step['requests'] {
  const points = square(place, 0.01).map(([lon, lat]) => [lon, lat]);
  const rows = points.map(([lon, lat], row) => `${row + 1},${lon},${lat}`);
  return [
    post('json', '/v1/resolve?fields=code,border_m', 'application/json', JSON.stringify({ crs: 'wgs84', points })),
    post('csv', '/v1/resolve?crs=wgs84&fields=code,codes', 'text/csv', `id,lon,lat\n${rows.join('\n')}\n`),
  ];
}

export function steps(place: Place): Step[] {
  const { lon, lat, classOfFacility } = place;
  const point = `lon=${lon}&lat=${lat}`;
  const [top, area, leaf] = [below(place, 0), below(place, 1), below(place, place.chain.length - 1)];
  const box = around(place, 0.02).join(',');
  const polygon = JSON.stringify({ type: 'Polygon', coordinates: [square(place, 0.005)] });
  const filter = encodeURIComponent("floors >= 3 AND class <> 'other'");
  const depth = below(place, 2).level;
  return [
    { id: 'resolve', requests: [get('wgs84', `/v1/resolve?${point}&crs=wgs84`), get('gcj02', `/v1/resolve?${point}&crs=gcj02`), get('accuracy', `/v1/resolve?${point}&crs=wgs84&accuracy=50`)] },
    { id: 'past', requests: [get('then', `/v1/resolve?${point}&crs=wgs84&at=${place.before}`)] },
    { id: 'batch', requests: batch(place) },
    {
      id: 'chain',
      requests: [
        get('ancestors', `/v1/grids/${leaf.code}/ancestors`),
        get('children', `/v1/grids/${top.code}/children`),
        get('neighbors', `/v1/grids/${leaf.code}/neighbors`),
        get('overview', `/v1/grids/${area.code}/overview`),
        get('staff', `/v1/grids/${leaf.code}/staff`),
      ],
    },
    { id: 'search', requests: [get('name', `/v1/search?q=${encodeURIComponent(area.name || area.code)}&limit=3`), get('code', `/v1/search?q=${leaf.code}&limit=3`)] },
    {
      id: 'items',
      requests: [
        get('bbox', `/collections/facilities/items?bbox=${box}&limit=3`),
        get('filter', `/collections/buildings/items?bbox=${box}&filter=${filter}&sortby=-floors&limit=3`),
        get('queryables', '/collections/buildings/queryables'),
      ],
    },
    {
      id: 'stats',
      requests: [
        get('classes', `/v1/stats?collection=facilities&level=${depth}&within=${area.code}&group=class`),
        get('table', `/v1/stats?collection=buildings&level=${depth}&within=${area.code}&f=csv`),
      ],
    },
    { id: 'nearby', requests: [get('rings', `/v1/nearby?${point}&crs=wgs84&radius=1000&rings=200,500,1000&limit=5`)] },
    { id: 'within', requests: [post('polygon', '/v1/within?crs=wgs84&limit=5', 'application/json', polygon)] },
    { id: 'coverage', requests: [get('circle', `/v1/coverage?class=${encodeURIComponent(classOfFacility)}&minutes=15&within=${area.code}&limit=5`)] },
    { id: 'tiles', requests: [get('tilejson', '/tiles/grids,facilities'), get('tile', `/tiles/grids/${place.tile.z}/${place.tile.x}/${place.tile.y}`)] },
    { id: 'events', requests: [get('listen', '/v1/events')] },
    {
      id: 'export',
      requests: ['csv', 'geojsonseq', 'fgb', 'parquet'].map((format) => get(format, `/collections/facilities/items?bbox=${box}&f=${format}`)),
    },
    { id: 'people', requests: [get('residents', `/collections/people/items?grid=${leaf.code}`)] },
    { id: 'mistake', requests: [get('datum', `/v1/resolve?${point}`), get('typo', `/v1/resolve?${point}&crs=wgs84&acuracy=25`)] },
  ];
}
