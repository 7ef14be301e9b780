import { describe, expect, it } from 'vitest';
import { readPermalink, writePermalink } from '../src/permalink';

describe('a permalink', () => {
  it('is zoom, latitude, longitude, as other web maps write it', () => {
    expect(readPermalink('#12.5/25.6065/100.2676')).toEqual({
      view: { zoom: 12.5, lat: 25.6065, lon: 100.2676, bearing: 0, pitch: 0 },
    });
  });

  it('reads back the view and the point that it wrote', () => {
    const link = { view: { zoom: 15.25, lat: 25.60651, lon: 100.26762, bearing: -30, pitch: 58 }, point: { lon: 100.2676543, lat: 25.6065432 } };
    const read = readPermalink(writePermalink(link));
    expect(read.point).toEqual(link.point);
    expect(read.view).toMatchObject({ zoom: 15.25, bearing: -30, pitch: 58 });
    expect(read.view?.lon).toBeCloseTo(link.view.lon, 5);
    expect(read.view?.lat).toBeCloseTo(link.view.lat, 5);
  });

  it('leaves bearing and pitch out of a plain view', () => {
    expect(writePermalink({ view: { zoom: 10, lat: 25.6, lon: 100.2, bearing: 0, pitch: 0 } })).toMatch(/^#10\/25\.6\d*\/100\.2\d*$/);
  });

  it('may hold a point alone', () => {
    expect(readPermalink('#point=100.2676,25.6065')).toEqual({ point: { lon: 100.2676, lat: 25.6065 } });
  });

  it('may hold a grid instead of a point, by a code that is one', () => {
    expect(writePermalink({ grid: '532901001' })).toBe('#grid=532901001');
    expect(readPermalink('#grid=532901001')).toEqual({ grid: '532901001' });
    expect(readPermalink('#grid=%22%3E')).toEqual({ grid: undefined });
    expect(writePermalink({ point: { lon: 100, lat: 25 }, grid: '532901001' })).toBe('#point=100,25');
  });

  it('keeps the grid that is shown alone, the day, the open modes and what a mode wants to remember', () => {
    const link = { within: '532901001', at: '2026-03-03', open: ['tree', 'layers'] as const, parameters: { act: '500,1000/a b&c=d' } };
    const written = writePermalink({ ...link, open: [...link.open] });
    expect(written).toBe('#within=532901001&at=2026-03-03&open=tree,layers&act=500,1000/a%20b%26c%3Dd');
    expect(readPermalink(written)).toEqual(link);
  });

  it('knows no mode of another name and no day that is none', () => {
    expect(readPermalink('#at=2026-02-30&open=tree,other&other=1')).toEqual({ at: undefined, open: ['tree'] });
    expect(readPermalink('#at=tomorrow&act=%E0%A4%A')).toEqual({ at: undefined, parameters: { act: undefined } });
  });

  it('ignores what makes no sense and keeps what does', () => {
    expect(readPermalink('')).toEqual({});
    expect(readPermalink('#section')).toEqual({});
    expect(readPermalink('#12/x/100')).toEqual({});
    expect(readPermalink('#12/95/100')).toEqual({});
    expect(readPermalink('#12/25.6/100.2&point=1,2,3')).toEqual({ view: { zoom: 12, lat: 25.6, lon: 100.2, bearing: 0, pitch: 0 } });
  });
});
