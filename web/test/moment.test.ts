import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { moment, presentDay } from '../src/state/selection';

describe('the moment of a day', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-27T17:30:00Z') }));
  afterEach(() => void vi.useRealTimers());

  it('is its noon in China', () => {
    expect(moment('2026-03-03')).toBe('2026-03-03T12:00:00+08:00');
    expect(moment(undefined)).toBeUndefined();
  });

  it('is now for the present day there, wherever the reader is', () => {
    expect(presentDay().toString()).toBe('2026-11-28');
    expect(moment('2026-11-28')).toBeUndefined();
    expect(moment('2026-11-27')).toBe('2026-11-27T12:00:00+08:00');
  });
});
