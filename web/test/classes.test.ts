import { describe, expect, it } from 'vitest';
import { classify, classOf } from '../src/map/classes';

const ends = (values: number[], wanted: number, method: 'quantile' | 'equal' | 'some') => classify(values, wanted, method).map(({ from, to }) => [from, to]);

describe('classes of values', () => {
  it('hold about as many values each', () => {
    expect(ends([1, 2, 3, 4, 100, 1000], 3, 'quantile')).toEqual([[1, 2], [3, 4], [5, 1000]]);
  });

  it('or are about as wide as each other', () => {
    expect(ends([0, 10, 100], 4, 'equal')).toEqual([[0, 25], [26, 50], [51, 75], [76, 100]]);
  });

  it('or say none and some', () => {
    expect(ends([0, 0, 3, 9], 5, 'some')).toEqual([[0, 0], [1, 9]]);
    expect(ends([0, 0], 5, 'some')).toEqual([[0, 0]]);
  });

  it('keep equal values together, also where that makes fewer', () => {
    expect(ends([0, 0, 0, 0, 7], 5, 'quantile')).toEqual([[0, 0], [1, 7]]);
    expect(classify([], 5, 'quantile')).toEqual([]);
  });

  it('leave no value out, and count each once', () => {
    for (const method of ['quantile', 'equal', 'some'] as const) {
      for (let n = 1; n < 60; n += 1) {
        const values = Array.from({ length: n }, (_, index) => (index * index * 7919) % 101);
        const classes = classify(values, 5, method);
        expect(values.every((value) => classOf(value, classes) >= 0)).toBe(true);
        expect(classes.reduce((all, one) => all + one.count, 0)).toBe(n);
      }
    }
  });
});
