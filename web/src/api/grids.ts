// One grid, by its code.

import { getJson } from './client';
import type { Duty, GridDetail, GridRef } from './contract';

function path(code: string): string {
  return `v1/grids/${encodeURIComponent(code)}`;
}

export function getGrid(code: string, signal?: AbortSignal): Promise<GridDetail> {
  return getJson<GridDetail>(path(code), signal);
}

/** Its chain, itself included, from the top down. */
export async function getChain(code: string, signal?: AbortSignal): Promise<GridRef[]> {
  const { grid, grids } = await getJson<{ grid: GridRef; grids: GridRef[] }>(`${path(code)}/ancestors`, signal);
  return [...grids, grid];
}

/** The address of the question who serves a grid at a moment (RFC 3339; none: now). */
export function staffAddress(code: string, at?: string): string {
  return `${path(code)}/staff${at ? `?${new URLSearchParams({ at })}` : ''}`;
}

export interface Staff {
  revision: number;
  at: string;
  /** Nobody is on duty. */
  vacant: boolean;
  staff: Duty[];
}

export function getStaff(code: string, at?: string, signal?: AbortSignal): Promise<Staff> {
  return getJson<Staff>(staffAddress(code, at), signal);
}
