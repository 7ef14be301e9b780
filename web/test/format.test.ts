import { describe, expect, it } from 'vitest';
import { ApiError } from '../src/api/client';
import type { Duty, LevelInfo, Resolution } from '../src/api/contract';
import * as format from '../src/format';
import { messages } from '../src/messages';

const { zh, en } = messages;

const levels: LevelInfo[] = [
  { level: 1, name: '州', name_en: 'Prefecture', min_zoom: 0, max_zoom: 22, count: 1 },
  { level: 5, name: '网格', name_en: 'Grid', min_zoom: 12, max_zoom: 22, count: 9 },
];

const worker: Duty = {
  worker_id: 'w1', name: '张*', phone: '138****1234', role: 'full_time', rank: 1,
  grid_code: '532901001001003', level: 5, acting_for: null,
};

const resolution: Resolution = {
  revision: 12, at: '2026-11-22T15:30:00Z', status: 'inside', point: { lon: 100.2676, lat: 25.6065 },
  grid: { id: 'g5', code: '532901001001003', level: 5, name: '第三网格', kind: 'base' },
  chain: [
    { id: 'g1', level: 1, code: '532900', name: '大理白族自治州' },
    { id: 'g5', level: 5, code: '532901001001003', name: '第三网格' },
  ],
  border_m: 12.4, responsible: [worker], candidates: [],
};

describe('a distance', () => {
  it('has a decimal below 100 metres, where metres decide whose a point is', () => {
    expect(format.distance(12.44, zh)).toBe('12.4 米');
    expect(format.distance(0, zh)).toBe('0.0 米');
  });

  it('is whole metres below a kilometre and kilometres above, without a gap in between', () => {
    expect(format.distance(99.96, en)).toBe('100 m');
    expect(format.distance(999.4, en)).toBe('999 m');
    expect(format.distance(999.6, en)).toBe('1.0 km');
    expect(format.distance(15_234, zh)).toBe('15.2 公里');
    expect(format.distance(123_456, en)).toBe('123 km');
    expect(format.distance(1_090_400, en)).toBe('1,090 km');
  });
});

describe('a chain', () => {
  it('reads from the top down', () => {
    expect(format.chainLine(resolution)).toBe('大理白族自治州 › 第三网格');
  });

  it('calls a level as the deployment does, in the language of the reader', () => {
    expect(format.levelName(1, levels, 'zh', zh)).toBe('州');
    expect(format.levelName(5, levels, 'en', en)).toBe('Grid');
  });

  it('numbers a level that the deployment has not named', () => {
    expect(format.levelName(3, levels, 'zh', zh)).toBe('第 3 级');
  });
});

describe('duty', () => {
  it('says the role and whether primary or deputy', () => {
    expect(format.duty(worker, zh)).toBe('专职网格员 · 主责');
    expect(format.duty({ ...worker, role: 'part_time', rank: 2 }, zh)).toBe('兼职网格员 · 副职');
    expect(format.duty({ ...worker, role: 'head' }, en)).toBe('Grid head · primary');
  });

  it('says which level answers when nobody is on duty in the leaf', () => {
    expect(format.climbedTo(resolution)).toBeUndefined();
    const climbed = { ...resolution, responsible: [{ ...worker, grid_code: '532900', level: 1 }] };
    expect(format.climbedTo(climbed)).toBe('大理白族自治州');
  });
});

describe('a problem', () => {
  it('says what to do, then what the server said', () => {
    const error = new ApiError(400, { title: 'Bad Request', detail: 'latitude 95 is outside -90 to 90 degrees' });
    const { advice, details } = format.problem(error, zh);
    expect(advice).toBe(zh.error[400]);
    expect(details).toEqual(['latitude 95 is outside -90 to 90 degrees']);
  });

  it('lists the wrong fields, but does not say the same twice', () => {
    const several = new ApiError(400, { detail: '2 values are wrong; see errors', errors: [{ field: 'lon', detail: 'a' }, { field: 'lat', detail: 'b' }] });
    expect(format.problem(several, zh).details).toEqual(['2 values are wrong; see errors', 'lon: a', 'lat: b']);
    const single = new ApiError(400, { detail: 'a', errors: [{ field: 'lon', detail: 'a' }] });
    expect(format.problem(single, zh).details).toEqual(['a']);
  });

  it('tells an unreachable server from a failing one', () => {
    expect(format.problem(new ApiError(0, {}), zh).advice).toBe(zh.error.unreachable);
    expect(format.problem(new ApiError(500, {}), en).advice).toContain('500');
  });
});
