import { describe, expect, it } from 'vitest';
import { csv } from '../src/csv';
import { readAct, usualCircle, writeAct } from '../src/modes/act/state';
import { readAsked, writeAsked } from '../src/state/asked';

describe('what the mode Act keeps in the address', () => {
  it('comes back as it was', () => {
    for (const act of [
      { task: 'point' as const, point: { lon: 100.2676, lat: 25.6065 } },
      { task: 'area' as const, area: [{ lon: 100, lat: 25 }, { lon: 101, lat: 25 }, { lon: 100, lat: 26 }] },
      { task: 'circle' as const, circle: { class: 'school', minutes: 10, level: 5, mode: 'road' as const, within: '532901' } },
    ]) expect(readAct(writeAct(act))).toEqual(act);
  });

  it('is as usual where it makes no sense', () => {
    expect(readAct('circle/clinic/-3/9/flying')).toEqual({ task: 'circle', circle: usualCircle });
    expect(readAct('point/999,25')).toEqual({ task: 'point', point: undefined });
    expect(readAct('area/1,2;3')).toEqual({ task: 'area', area: undefined });
  });

  it('does not grow without bounds', () => {
    const area = Array.from({ length: 101 }, (_, n) => ({ lon: n / 10, lat: 25 }));
    expect(writeAct({ task: 'area', area })).toBe('area');
  });
});

describe('what the address says of a question', () => {
  it('comes back as it was', () => {
    for (const text of ['grids/532901', 'facilities/f822', 'buildings/1,within/50', 'within/0']) expect(writeAsked(readAsked(text))).toBe(text);
    expect(writeAsked(readAsked(undefined))).toBeUndefined();
    expect(readAsked('within/37,people/1')).toEqual({ accuracy: 25 });
  });
});

describe('a table for spreadsheets', () => {
  it('quotes what must be quoted, and makes no formula of a name', async () => {
    const text = await csv([['名', 'a,b', 'say "hi"', '=1+1', -5, null]]).text();
    expect(text).toBe('\uFEFF名,"a,b","say ""hi""",\'=1+1,-5,\r\n'.replace('\uFEFF', ''));
  });
});
