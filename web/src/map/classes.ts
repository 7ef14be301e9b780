// Numbers into classes: what a legend lists and a choropleth colours.

export const methods = ['quantile', 'equal', 'some'] as const;
export type Method = (typeof methods)[number];

/** A class of values, both ends included. */
export interface ValueClass {
  from: number;
  to: number;
  /** How many values are in it. */
  count: number;
}

/** The upper ends of up to `wanted` classes, ascending, the greatest value last. */
function uppers(sorted: number[], wanted: number, method: Method): number[] {
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  if (method === 'some') return most === least ? [most] : [Math.max(0, least), most];
  const upper = (part: number) =>
    method === 'quantile' ? sorted[Math.ceil(part * sorted.length) - 1]! : Math.round(least + part * (most - least));
  return [...new Set(Array.from({ length: wanted }, (_, index) => upper((index + 1) / wanted)))];
}

/**
 * Puts whole numbers into up to `wanted` classes that leave nothing out: about as many values in each (`quantile`), about as wide as each
 * other (`equal`), or none and some (`some`). Equal values are in the same class, so there may be fewer.
 */
export function classify(values: number[], wanted: number, method: Method): ValueClass[] {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return [];
  let from = sorted[0]!;
  return uppers(sorted, wanted, method).map((to) => {
    const found = { from, to, count: sorted.filter((value) => value >= from && value <= to).length };
    from = to + 1;
    return found;
  });
}

/** The index of the class of a value. */
export function classOf(value: number, classes: ValueClass[]): number {
  return classes.findIndex(({ from, to }) => value >= from && value <= to);
}
