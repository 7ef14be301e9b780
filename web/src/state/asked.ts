// What the address says of a question beside its point: `grids/532901`, or `facilities/UUID`, and `within/50` for how far off the point may be.

import { accuracies } from './asking';

export interface AskedOf {
  /** The code of a grid. */
  grid?: string;
  /** What was searched for. */
  place?: { collection: 'buildings' | 'facilities'; id: string } | undefined;
  /** In metres. */
  accuracy?: number;
}

/** What goes without saying. */
const usual = 25;

export function readAsked(text = ''): AskedOf {
  const asked: AskedOf = { accuracy: usual };
  for (const part of text.split(',')) {
    const [name, value = ''] = part.split('/');
    if (name === 'grids' && value) asked.grid = value;
    else if ((name === 'buildings' || name === 'facilities') && value) asked.place = { collection: name, id: value };
    else if (name === 'within' && (accuracies as readonly number[]).includes(Number(value))) asked.accuracy = Number(value);
  }
  return asked;
}

export function writeAsked({ grid, place, accuracy = usual }: AskedOf): string | undefined {
  const parts = grid ? [`grids/${grid}`] : place ? [`${place.collection}/${place.id}`] : [];
  if (!grid && accuracy !== usual) parts.push(`within/${accuracy}`);
  return parts.join(',') || undefined;
}
