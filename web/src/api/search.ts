// Grids, buildings and facilities by what somebody types.

import { getJson } from './client';
import type { GridRef, Position } from './contract';

/** The most characters that may be looked for. */
export const longest = 63;

export interface Hit {
  collection: 'grids' | 'buildings' | 'facilities';
  id: string;
  /** Of a resource, the identity that its owner gave it. */
  code: string;
  name: string | null;
  address: string | null;
  class: string | null;
  level: number | null;
  at: Position;
  chain: GridRef[];
  field: 'code' | 'name' | 'address';
  /** From where to where what was typed stands in that field. */
  highlight: [number, number] | null;
}

export async function search(typed: string, signal: AbortSignal): Promise<Hit[]> {
  const query = new URLSearchParams({ q: typed, limit: '8' });
  return (await getJson<{ results: Hit[] }>(`v1/search?${query}`, signal)).results;
}

/** A building or a facility by its identity. */
export async function getPlace(collection: string, id: string, signal?: AbortSignal): Promise<Place> {
  const found = await getJson<{ properties: { name?: string; class?: string; address?: string } }>(
    `collections/${collection}/items/${encodeURIComponent(id)}`, signal);
  const { name = null, class: kind = null, address = null } = found.properties;
  return { collection: collection as Place['collection'], id, name, class: kind, address };
}

/** What was searched for and stands at the point asked about. */
export interface Place {
  collection: 'buildings' | 'facilities';
  id: string;
  name: string | null;
  class: string | null;
  address: string | null;
}
