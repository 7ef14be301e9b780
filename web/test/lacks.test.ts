import { describe, expect, it } from 'vitest';
import type { FigureRow } from '../src/api/figures';
import { found, readAsked, shown, writeAsked } from '../src/modes/tree/lacks';

const row = (code: string, ...values: number[]) => ({ code, values }) as FigureRow;
const usual = { level: 4, lack: 'worker' } as const;

describe('what grids lack', () => {
  it('is that there is none of something, or some of what should not be', () => {
    expect(found([row('a', 0), row('b', 2)], 'service').map(({ code }) => code)).toEqual(['a']);
    expect(found([row('a', 0), row('b', 1), row('c', 3)], 'worker').map(({ code }) => code)).toEqual(['c', 'b']);
  });

  it('counts grids of both kinds where size is meant, and shows the kind that has most', () => {
    const rows = [row('a', 0, 2, 900), row('b', 1, 0, 600), row('c', 0, 0, 400)];
    expect(found(rows, 'too_large').map(({ code }) => code)).toEqual(['a', 'b']);
    expect(shown(rows, 'too_large')).toBe('micro_too_large');
  });

  it('is kept in the address, and what makes no sense is the usual', () => {
    expect(readAsked(writeAsked({ level: 5, lack: 'clinic' }), usual)).toEqual({ level: 5, lack: 'clinic' });
    expect(readAsked('across', usual)).toEqual(usual);
    expect(readAsked('across@9@clinic', usual)).toEqual(usual);
    expect(readAsked('across@5@luck', usual)).toEqual(usual);
  });
});
