// Numbers of many grids: `GET /v1/figures` and `GET /v1/grids/{code}/overview`.

import { getJson } from './client';
import type { Duty, GridRef } from './contract';
import type { Bounds } from '../map/view';

/** A grid with the values of the figures asked for, in their order; null: not known, or withheld. */
export interface FigureRow extends GridRef {
  parent: string | null;
  leaf: boolean;
  bbox: Bounds;
  values: (number | null)[];
}

export interface Figures {
  revision: number;
  size_rule: { base: [number, number]; micro: [number, number] };
  whole: FigureRow | null;
  rows: FigureRow[];
}

/** Which grids get a row: the children of one, or the grids of a level; of neither, those at the top. */
export interface Rows {
  parent?: string | undefined;
  level?: number;
  within?: string | undefined;
  /** A moment (RFC 3339) other than now; figures of people and things are of now only. */
  at?: string | undefined;
}

/** The figures that are known of now only. */
export function isOfNow(figure: string): boolean {
  return /^(people|buildings|facilities)(\.|$)/.test(figure);
}

export function getFigures(names: readonly string[], { parent, level, within, at }: Rows, signal?: AbortSignal): Promise<Figures> {
  const query = new URLSearchParams({ figures: names.join(',') });
  for (const [name, value] of Object.entries({ parent, level, within, at })) if (value !== undefined) query.set(name, String(value));
  return getJson<Figures>(`v1/figures?${query}`, signal);
}

export interface ClassCounts {
  total: number;
  classes: Record<string, number>;
}

/** `GET /v1/grids/{code}/overview`, as far as the page needs it. */
export interface GridOverview {
  grid: GridRef;
  households: number | null;
  grids: Record<string, number>;
  counts: { buildings: ClassCounts; facilities: ClassCounts; people: { count: number | null; suppressed: boolean } };
  staff: Duty[];
  gaps: { leaves: number; vacant: number };
}

export function getOverview(code: string, signal?: AbortSignal): Promise<GridOverview> {
  return getJson<GridOverview>(`v1/grids/${encodeURIComponent(code)}/overview`, signal);
}
