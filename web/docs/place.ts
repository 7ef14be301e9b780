// Where the examples are: a place, its grids and names that exist on this very server.

import { askJson, type Credentials } from './ask';
import { exampleOf, type OpenApi } from './openapi';

export interface Link {
  level: number;
  code: string;
  name: string;
}

export interface Place {
  lon: number;
  lat: number;
  /** From the top down; never empty. */
  chain: Link[];
  /** A class of facilities that there is. */
  classOfFacility: string;
  tile: { z: number; x: number; y: number };
  /** An instant some weeks ago. */
  before: string;
}

const weeksAgo = 4;

/** By the examples that the server wrote into its own description; the chain as it resolves there, where the caller may ask that. */
export async function findPlace(document: OpenApi, credentials: Credentials): Promise<Place> {
  const number = (id: string, parameter: string) => Number(exampleOf(document, id, parameter));
  const [lon, lat] = [number('resolve', 'lon'), number('resolve', 'lat')];
  const top = { level: 1, code: exampleOf(document, 'grid', 'code'), name: '' };
  const resolved = await askJson<{ chain: Link[] }>(`/v1/resolve?lon=${lon}&lat=${lat}&crs=wgs84`, credentials).catch(() => ({ chain: [] }));
  const before = new Date(Date.now() - weeksAgo * 7 * 86_400_000);
  before.setUTCHours(0, 0, 0, 0);
  return {
    lon,
    lat,
    chain: resolved.chain.length > 0 ? resolved.chain : [top],
    classOfFacility: exampleOf(document, 'coverage', 'class'),
    tile: { z: number('tile', 'z'), x: number('tile', 'x'), y: number('tile', 'y') },
    before: before.toISOString().replace('.000', ''),
  };
}
