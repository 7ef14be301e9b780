import { describe, expect, it } from 'vitest';
import { readCoordinate } from '../src/coordinate';
import { messages } from '../src/messages';

const read = (text: string) => readCoordinate(text, messages.zh);
const dali = { position: { lon: 100.2676, lat: 25.6065 } };

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
    const { form } = messages.zh.ask;
    expect(read('')).toEqual({ error: form.missing });
    expect(read('100.2676')).toEqual({ error: form.missing });
    expect(read('100.2676, 25.6065, 1900')).toEqual({ error: form.missing });
    expect(read('100.2676, 25.6a')).toEqual({ error: expect.stringContaining('25.6a') });
    expect(read('200, 25')).toEqual({ error: form.range });
    expect(read('1e999, 25')).toEqual({ error: expect.stringContaining('1e999') });
  });
});
