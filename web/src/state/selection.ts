// What the reader has chosen on the map, shared by all modes: each may set it, and the map and the address follow.

import { today, type CalendarDate } from '@internationalized/date';
import { reactive } from 'vue';
import type { GridRef, Position } from '../api/contract';

export interface Selection {
  /** The point asked about, in CGCS2000 degrees. */
  point: Position | undefined;
  /** The grids chosen, from the top down; the last one is the grid itself. */
  chain: GridRef[];
  /** The day for which answers are wanted, as 2026-03-03; none: now. */
  at: string | undefined;
}

export function createSelection(at?: string): Selection {
  return reactive({ point: undefined, chain: [], at });
}

/** The day that it is in China. */
export function presentDay(): CalendarDate {
  return today('Asia/Shanghai');
}

/** The moment for which a day stands in questions to the server: its noon in China; none, which is now, for the present day, at noon of which things may have been others. */
export function moment(day: string | undefined): string | undefined {
  return day && day !== presentDay().toString() ? `${day}T12:00:00+08:00` : undefined;
}
