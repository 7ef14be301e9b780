import { expect, it } from 'vitest';
import { touched } from '../src/map/dirty';

const names = (tiles: { z: number; x: number; y: number }[]) => tiles.map(({ z, x, y }) => `${z}/${x}/${y}`).sort();

it('redraws what lies in a marked tile, the tile itself and what it lies in', () => {
  const shown = [{ z: 3, x: 6, y: 3 }, { z: 3, x: 7, y: 3 }];
  expect(names(touched(shown, ['3/6/3']))).toEqual(['0/0/0', '1/1/0', '2/3/1', '3/6/3']);
  expect(names(touched(shown, ['2/3/1']))).toEqual(['0/0/0', '1/1/0', '2/3/1', '3/6/3', '3/7/3']);
  expect(names(touched(shown, ['6/50/25']))).toEqual(['0/0/0', '1/1/0', '2/3/1', '3/6/3']);
});

it('leaves alone what no mark is near', () => {
  expect(touched([{ z: 3, x: 6, y: 3 }], [])).toEqual([]);
  expect(names(touched([{ z: 3, x: 6, y: 3 }], ['3/5/3']))).toEqual(['0/0/0', '1/1/0']);
});
