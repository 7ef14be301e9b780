import { describe, expect, it } from 'vitest';
import { families } from '../style/facilities.mjs';
import { fill, messages } from '../src/messages';

/** Every message by its path, such as `form.submit`. */
function flatten(value: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, child] of Object.entries(value)) {
    const here = path ? `${path}.${key}` : key;
    if (typeof child === 'string') found.set(here, child);
    else for (const [deeper, text] of flatten(child as object, here)) found.set(deeper, text);
  }
  return found;
}

function places(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}

const zh = flatten(messages.zh);
const en = flatten(messages.en);

describe('the message files', () => {
  it('have the same keys in both languages', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
  });

  it('have the same places in both languages', () => {
    for (const [key, text] of zh) expect(places(en.get(key) ?? ''), key).toEqual(places(text));
  });

  it('leave nothing unsaid but the hint of a plain answer', () => {
    const silent = [...zh, ...en].filter(([, text]) => text.trim() === '').map(([key]) => key);
    expect([...new Set(silent)]).toEqual(['statusHint.inside']);
  });

  it('are Chinese in Chinese and hold no Chinese in English, but for the name of the other language', () => {
    const chinese = /[\u4e00-\u9fff]/;
    const inEnglish = [...en].filter(([, text]) => chinese.test(text)).map(([key]) => key);
    expect(inEnglish).toEqual(['controls.language', 'controls.languageMark']);
    const notChinese = [...zh].filter(([, text]) => text && !chinese.test(text)).map(([key]) => key);
    expect(notChinese).toEqual(['controls.language', 'controls.languageMark']);
  });

  it('name every class of facility that the style draws', () => {
    expect(Object.keys(messages.zh.facility).sort()).toEqual(Object.keys(families).sort());
  });
});

describe('fill', () => {
  it('puts each value in its place and leaves unknown places alone', () => {
    expect(fill('{n} of {n}, {other}', { n: 3 })).toBe('3 of 3, {other}');
  });

  it('says one grid, and two grids', () => {
    const said = [0, 1, 2, '1', '1,001'].map((n) => fill(messages.en.tree.below, { n }));
    expect(said).toEqual(['0 grids', '1 grid', '2 grids', '1 grid', '1,001 grids']);
  });
});
