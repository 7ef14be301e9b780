// What a grid may lack, or have too much of: by which figure that is told.

import type { FigureRow } from '../../api/figures';

export const lackNames = ['worker', 'organisation', 'service', 'clinic', 'too_large', 'too_small'] as const;
export type Lack = (typeof lackNames)[number];

interface Test {
  /** The figures whose sum tells. */
  figures: string[];
  /** Is a grid with this sum one of them? */
  holds: (sum: number) => boolean;
}

const isNone = (value: number) => value === 0;
const isSome = (value: number) => value > 0;

export const lacks: Record<Lack, Test> = {
  worker: { figures: ['vacant'], holds: isSome },
  organisation: { figures: ['facilities.community_centre'], holds: isNone },
  service: { figures: ['facilities.service_station'], holds: isNone },
  clinic: { figures: ['facilities.clinic'], holds: isNone },
  too_large: { figures: ['too_large', 'micro_too_large'], holds: isSome },
  too_small: { figures: ['too_small', 'micro_too_small'], holds: isSome },
};

/** Are the grids measured by the number of households? */
export function isOfSize(lack: Lack): boolean {
  return lack === 'too_large' || lack === 'too_small';
}

export interface Asked {
  level: number;
  lack: Lack;
}

/** Reads `across@5@service`. */
export function readAsked(text: string | undefined, usual: Asked): Asked {
  const [, digits, name] = /^across@([1-6])@(\w+)$/.exec(text ?? '') ?? [];
  const lack = lackNames.find((known) => known === name);
  return digits && lack ? { level: Number(digits), lack } : usual;
}

export function writeAsked({ level, lack }: Asked): string {
  return `across@${level}@${lack}`;
}

/** The sum that tells: its figures come first among the values of a row. */
export function sum({ values }: FigureRow, lack: Lack): number {
  return lacks[lack].figures.reduce((all, _, index) => all + (values[index] ?? NaN), 0);
}

/** The grids of which it holds, those with most of it first. */
export function found(rows: FigureRow[], lack: Lack): FigureRow[] {
  const all = rows.filter((row) => lacks[lack].holds(sum(row, lack)));
  return all.toSorted((a, b) => sum(b, lack) - sum(a, lack) || a.code.localeCompare(b.code));
}

/** The one of its figures that has most in these rows, for the map. */
export function shown(rows: FigureRow[], lack: Lack): string {
  const totals = lacks[lack].figures.map((figure, index) => ({ figure, total: rows.reduce((all, { values }) => all + (values[index] ?? 0), 0) }));
  return totals.toSorted((a, b) => b.total - a.total)[0]!.figure;
}
