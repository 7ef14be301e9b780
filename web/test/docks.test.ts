import { describe, expect, it } from 'vitest';
import { ref } from 'vue';
import { createDocks } from '../src/state/docks';

const sides = { tree: 'left', ask: 'left', layers: 'right' } as const;

describe('the docks', () => {
  it('show one mode at a time on a desk', () => {
    const docks = createDocks(sides, ref(false));
    docks.open('ask');
    docks.open('layers');
    expect([docks.at('left'), docks.at('right'), docks.names]).toEqual(['layers', undefined, ['layers']]);
  });

  it('show one at each side on a wall', () => {
    const docks = createDocks(sides, ref(true));
    for (const name of ['ask', 'layers', 'tree'] as const) docks.open(name);
    expect([docks.at('left'), docks.at('right')]).toEqual(['tree', 'layers']);
    expect(docks.isOpen('ask')).toBe(false);
  });

  it('close what was opened last', () => {
    const docks = createDocks(sides, ref(true));
    docks.open('ask');
    docks.open('layers');
    expect(docks.closeLast()).toBe(true);
    expect(docks.names).toEqual(['ask']);
    expect([docks.closeLast(), docks.closeLast()]).toEqual([true, false]);
  });

  it('show the later of two when a wall becomes a window', () => {
    const isWall = ref(true);
    const docks = createDocks(sides, isWall);
    docks.open('ask');
    docks.open('layers');
    isWall.value = false;
    expect([docks.at('left'), docks.isOpen('ask')]).toEqual(['layers', false]);
  });

  it('do not open a mode that is not there', () => {
    const docks = createDocks(sides, ref(false));
    docks.open('act');
    expect(docks.names).toEqual([]);
  });
});
