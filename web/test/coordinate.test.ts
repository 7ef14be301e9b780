import { describe, expect, it } from 'vitest';
import { looksLikeCoordinate, readCoordinate } from '../src/coordinate';
import { messages } from '../src/messages';

const read = (text: string) => readCoordinate(text, 'gcj02', messages.zh);
const dali = { position: { lon: 100.2676, lat: 25.6065 }, crs: 'gcj02' };

describe('a typed coordinate', () => {
  it('is longitude and latitude with a comma, a space or both between', () => {
    for (const text of ['100.2676,25.6065', ' 100.2676 25.6065 ', '100.2676,\t25.6065', '(100.2676, 25.6065)']) {
      expect(read(text), text).toEqual(dali);
    }
  });

  it('may be typed with a Chinese input method', () => {
    expect(read('１００．２６７６，２５．６０６５')).toEqual(dali);
    expect(read('100.2676、25.6065')).toEqual(dali);
  });

  it('is refused with the likely order when the latitude comes first', () => {
    expect(read('25.6065, 100.2676')).toEqual({ error: expect.stringContaining('100.2676, 25.6065') });
  });

  it('is refused with a reason when something is missing, no number or off the earth', () => {
    const { search: form } = messages.zh;
    expect(read('')).toEqual({ error: form.missing });
    expect(read('100.2676')).toEqual({ error: form.missing });
    expect(read('100.2676, 25.6065, 1900')).toEqual({ error: form.missing });
    expect(read('100.2676, 25.6a')).toEqual({ error: expect.stringContaining('25.6a') });
    expect(read('200, 25')).toEqual({ error: form.range });
    expect(read('1e999, 25')).toEqual({ error: expect.stringContaining('1e999') });
  });
});

describe('a projected coordinate', () => {
  it('has its system before it, and is in that', () => {
    expect(read('EPSG:4542 526000.5, 2832000')).toEqual({ position: { lon: 526000.5, lat: 2832000 }, crs: 'EPSG:4542' });
    expect(read('epsg:4542 526000')).toEqual({ error: messages.zh.search.missing });
  });
});

describe('what is typed in the search box', () => {
  it('is a coordinate when it is two numbers, and a name or code otherwise', () => {
    for (const text of ['100.2676, 25.6065', '（100.2676，25.6065）', '100.2676 25', '200, 25', 'EPSG:4542 5 6', '100.2676°, 25.6065°']) {
      expect(looksLikeCoordinate(text), text).toBe(true);
    }
    for (const text of ['532901109206', '大理', '3栋 2单元', 'xfxq 3', '', '100.2676', '12-3']) {
      expect(looksLikeCoordinate(text), text).toBe(false);
    }
  });
});
