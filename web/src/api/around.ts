// What lies around a point or in an area, and who is on duty there.

import { getJson, postJson } from './client';
import type { Crs, Duty, GridRef, Position } from './contract';

/** How many facilities are listed at most. */
const listed = '1000';

export interface Thing {
  collection: 'buildings' | 'facilities';
  id: string;
  class: string;
  name: string | null;
  at: Position;
  grid_code: string | null;
  /** In metres from the incident; in an area there is none. */
  distance_m?: number;
}

export interface TouchedGrid extends GridRef {
  /** In metres from the incident. */
  distance_m?: number;
  /** How much of it lies in the area, 0 to 1. */
  share?: number;
  responsible: Duty[];
}

/** How many of each class, by collection. */
export type Classes = Record<string, Record<string, number>>;

export interface Ring {
  from_m: number;
  to_m: number;
  count: number;
  classes: Classes;
}

interface Found {
  revision: number;
  at: string;
  total: number;
  resources: Thing[];
  resources_cut: boolean;
  grids_total: number;
  grids: TouchedGrid[];
  grids_cut: boolean;
}

export interface Around extends Found {
  point: Position;
  rings: Ring[];
}

export interface Inside extends Found {
  area_m2: number;
  classes: Classes;
}

/** Outer edges of the rings around an incident, in metres. */
export const edges = [500, 1000, 3000];

/** What is around a position, with the buildings in each ring. */
export async function getAround({ lon, lat }: Position, crs: Crs, at: string | undefined, signal: AbortSignal): Promise<Around> {
  const common = { lon: String(lon), lat: String(lat), crs, rings: edges.join(','), ...(at ? { at } : {}) };
  const facilities = new URLSearchParams({ ...common, collections: 'facilities', limit: listed });
  const buildings = new URLSearchParams({ ...common, collections: 'buildings', limit: '0' });
  const [around, built] = await Promise.all([
    getJson<Around>(`v1/nearby?${facilities}`, signal), getJson<Around>(`v1/nearby?${buildings}`, signal),
  ]);
  const rings = around.rings.map((ring, index) => ({ ...ring, classes: { ...ring.classes, ...built.rings[index]?.classes } }));
  return { ...around, rings };
}

/** The ring of an area as GeoJSON has it: closed. */
export function polygon(vertices: Position[]): { type: 'Polygon'; coordinates: [number, number][][] } {
  const ring = vertices.map(({ lon, lat }) => [lon, lat] as [number, number]);
  return { type: 'Polygon', coordinates: [[...ring, ...ring.slice(0, 1)]] };
}

/** What is in an area, in CGCS2000 degrees, with the buildings in it. */
export async function getInside(vertices: Position[], at: string | undefined, signal: AbortSignal): Promise<Inside> {
  const body = polygon(vertices);
  const common = { crs: 'cgcs2000', ...(at ? { at } : {}) };
  const facilities = new URLSearchParams({ ...common, collections: 'facilities', limit: listed });
  const buildings = new URLSearchParams({ ...common, collections: 'buildings', limit: '0' });
  const [inside, built] = await Promise.all([
    postJson<Inside>(`v1/within?${facilities}`, body, signal), postJson<Inside>(`v1/within?${buildings}`, body, signal),
  ]);
  return { ...inside, classes: { ...inside.classes, ...built.classes } };
}
