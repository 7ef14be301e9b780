// The service circle: who is farther than so many minutes from the nearest facility of a class?

import { getJson } from './client';
import type { GridRef, Position } from './contract';

export interface Circle {
  class: string;
  minutes: number;
  /** The level of the rows. */
  level: number;
  mode: 'straight' | 'road';
  /** Only what is in this grid, by its code. */
  within: string | undefined;
}

interface Outside {
  total: number;
  outside: number;
  /** 0 to 1; null where there are none. */
  share: number | null;
}

export interface CoverageRow {
  /** Null: what lies in none of them. */
  grid: GridRef | null;
  buildings: Outside;
  households: Outside;
  people: { total: number | null; outside: number | null; share: number | null; suppressed: boolean };
}

export interface Coverage {
  revision: number;
  services: number;
  radius_m: number;
  speed_kmh: number;
  total: CoverageRow;
  rows_total: number;
  rows_cut: boolean;
  rows: CoverageRow[];
}

export function coverageAddress({ class: kind, minutes, level, mode, within }: Circle): string {
  const query = new URLSearchParams({ class: kind, minutes: String(minutes), level: String(level), mode, limit: '2000' });
  if (within) query.set('within', within);
  return `v1/coverage?${query}`;
}

export function getCoverage(circle: Circle, signal: AbortSignal): Promise<Coverage> {
  return getJson<Coverage>(coverageAddress(circle), signal);
}

/** Where the facilities of a class are. */
export async function getServices(kind: string, signal: AbortSignal): Promise<Position[]> {
  const query = new URLSearchParams({ class: kind, properties: 'class', limit: '5000' });
  const { features } = await getJson<{ features: { geometry: { coordinates: [number, number] } }[] }>(`collections/facilities/items?${query}`, signal);
  return features.map(({ geometry: { coordinates: [lon, lat] } }) => ({ lon, lat }));
}
