import { expect, it } from 'vitest';
import { effectScope } from 'vue';
import { createTurns } from '../src/state/turns';

it('whoever asked last gets the turn, passes it on or keeps it, and loses it when gone', () => {
  const turns = createTurns<number>();
  const got: string[] = [];
  const take = (name: string, passes: boolean) => {
    const scope = effectScope();
    scope.run(() => turns.take((n) => (got.push(`${name}${n}`), !passes)));
    return scope;
  };
  expect(turns.give(0)).toBe(false);
  take('a', false);
  take('b', true);
  const last = take('c', false);
  expect(turns.give(1)).toBe(true);
  last.stop();
  expect(turns.give(2)).toBe(true);
  expect(got).toEqual(['c1', 'b2', 'a2']);
});
