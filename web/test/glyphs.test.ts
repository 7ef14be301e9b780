import { readdirSync, readFileSync } from 'node:fs';
import { PbfReader } from 'pbf';
import { describe, expect, it } from 'vitest';

interface Glyph { id: number; bitmap?: Uint8Array; width: number; height: number; left: number; top: number; advance: number }
interface Stack { name: string; range: string; glyphs: Glyph[] }

const folder = new URL('../../tiles/glyphs/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.pbf'));

// As glyphs.proto says it.
function read(file: string): Stack {
  const stack: Stack = { name: '', range: '', glyphs: [] };
  new PbfReader(readFileSync(new URL(file, folder))).readFields((tag, _, outer) => {
    if (tag === 1) outer.readMessage((field, s: Stack, pbf) => {
      if (field === 1) s.name = pbf!.readString();
      else if (field === 2) s.range = pbf!.readString();
      else if (field === 3) s.glyphs.push(pbf!.readMessage(readGlyph, { id: 0, width: 0, height: 0, left: 0, top: 0, advance: 0 } as Glyph));
    }, stack);
  }, undefined);
  return stack;
}

function readGlyph(tag: number, glyph: Glyph, pbf?: PbfReader): void {
  if (tag === 1) glyph.id = pbf!.readVarint();
  else if (tag === 2) glyph.bitmap = pbf!.readBytes();
  else if (tag === 3) glyph.width = pbf!.readVarint();
  else if (tag === 4) glyph.height = pbf!.readVarint();
  else if (tag === 5) glyph.left = pbf!.readSVarint();
  else if (tag === 6) glyph.top = pbf!.readSVarint();
  else if (tag === 7) glyph.advance = pbf!.readVarint();
}

describe.each(files)('%s', (file) => {
  const { name, range, glyphs } = read(file);

  it('says whose it is and holds only what lies in its range', () => {
    expect(`${name}/${range}.pbf`).toBe(file);
    const [first, last] = range.split('-').map(Number) as [number, number];
    expect(glyphs.length).toBeGreaterThan(0);
    for (const { id } of glyphs) expect(id >= first && id <= last, `U+${id.toString(16)}`).toBe(true);
  });

  it('has for each glyph a field with a border of three pixels, whose middle is inside the letter somewhere', () => {
    for (const { id, bitmap, width, height, advance } of glyphs) {
      expect(advance, `U+${id.toString(16)}`).toBeLessThanOrEqual(48);
      if (!bitmap) continue;
      expect(bitmap.length).toBe((width + 6) * (height + 6));
      // 191 of 255 is the edge: a cutoff of a quarter.
      expect(Math.max(...bitmap), `U+${id.toString(16)}`).toBeGreaterThan(191);
      const corners = [0, width + 5, bitmap.length - 1].map((at) => bitmap[at]!);
      expect(Math.max(...corners), `U+${id.toString(16)}`).toBeLessThan(191);
    }
  });
});

it('every letter, digit and sign of ASCII is there in both weights', () => {
  for (const font of ['Noto Sans Regular', 'Noto Sans Bold']) {
    const ids = read(`${font}/0-255.pbf`).glyphs.map(({ id }) => id);
    for (let code = 0x20; code < 0x7f; code += 1) expect(ids, `${font} ${String.fromCharCode(code)}`).toContain(code);
  }
});
