// Writes `tiles/glyphs/{font}/{range}.pbf`: signed distance fields of the letters, digits and signs that our styles need
// beside Chinese, which every reader's machine draws itself. `npm run glyphs`; see ../glyphs/README.md.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import TinySDF from '@mapbox/tiny-sdf';
import * as fontkit from 'fontkit';
import { PbfWriter } from 'pbf';

const out = new URL('../glyphs/', import.meta.url);

/** Where the signs come from that Noto Sans does not have: Debian's fonts-noto-cjk. */
const cjk = (style) => `/usr/share/fonts/opentype/noto/NotoSansCJK-${style}.ttc`;

const fonts = [
  { name: 'Noto Sans Regular', weight: 400, style: 'Regular' },
  { name: 'Noto Sans Bold', weight: 700, style: 'Bold' },
];

/** Latin with its extensions, and general punctuation. */
const whole = [[0x20, 0x17f], [0x180, 0x1ff], [0x2010, 0x205e], [0x20ac, 0x20ac], [0x2122, 0x2122]];
/** Signs that stand in Chinese names: ℃ № Ⅰ ⅰ arrows ≈ ≠ ≤ ≥ ① ⑴ and the marks of lists. */
const signs = [
  [0x2103, 0x2103], [0x2116, 0x2116], [0x2160, 0x216b], [0x2170, 0x2179], [0x2190, 0x2193], [0x2196, 0x2199],
  [0x2248, 0x2248], [0x2260, 0x2260], [0x2264, 0x2265], [0x2460, 0x2487],
  [0x25a0, 0x25a1], [0x25b2, 0x25b3], [0x25bc, 0x25bd], [0x25c6, 0x25c7], [0x25cb, 0x25cb], [0x25ce, 0x25cf], [0x2605, 0x2606],
];

/** The size of an em in a glyph PBF, and the border around each bitmap, which the format fixes. */
const em = 24;
const border = 3;
/** From the baseline of the font to the origin of `top`; MapLibre puts what it draws itself 27.5 above. */
const ascent = 27;

/** TinySDF on a canvas without a browser. */
class Drawer extends TinySDF {
  _createCanvas(size) {
    return createCanvas(size, size);
  }
}

/** A font file, by name in the canvas, with the code points that it has. */
function open(path, alias, pick = (font) => font) {
  GlobalFonts.registerFromPath(path, alias);
  const font = pick(fontkit.create(readFileSync(path)));
  const drawer = new Drawer({ fontSize: em, buffer: border, radius: 8, cutoff: 0.25, fontFamily: alias });
  return {
    has: (codePoint) => font.hasGlyphForCodePoint(codePoint),
    advance: (codePoint) => (font.glyphForCodePoint(codePoint).advanceWidth / font.unitsPerEm) * em,
    draw: (codePoint) => drawer.draw(String.fromCodePoint(codePoint)),
  };
}

function sources({ weight, style }) {
  const latin = (subset) => new URL(import.meta.resolve(`@fontsource/noto-sans/files/noto-sans-${subset}-${weight}-normal.woff2`)).pathname;
  return [
    open(latin('latin'), `latin-${weight}`),
    open(latin('latin-ext'), `latin-ext-${weight}`),
    open(cjk(style), `cjk-${weight}`, (collection) => collection.getFont(`NotoSansCJKsc-${style}`)),
  ];
}

function glyphOf(codePoint, source) {
  const { data, glyphWidth, glyphHeight, glyphTop, glyphLeft } = source.draw(codePoint);
  const drawn = glyphWidth > 0 && glyphHeight > 0;
  return {
    id: codePoint,
    bitmap: drawn ? data : undefined,
    width: drawn ? glyphWidth : 0,
    height: drawn ? glyphHeight : 0,
    left: drawn ? glyphLeft : 0,
    top: drawn ? glyphTop - ascent : 0,
    advance: Math.round(source.advance(codePoint)),
  };
}

// The messages of glyphs.proto.
function writeGlyph(glyph, pbf) {
  pbf.writeVarintField(1, glyph.id);
  if (glyph.bitmap) pbf.writeBytesField(2, glyph.bitmap);
  pbf.writeVarintField(3, glyph.width);
  pbf.writeVarintField(4, glyph.height);
  pbf.writeSVarintField(5, glyph.left);
  pbf.writeSVarintField(6, glyph.top);
  pbf.writeVarintField(7, glyph.advance);
}

function writeStack({ name, range, glyphs }, pbf) {
  pbf.writeStringField(1, name);
  pbf.writeStringField(2, range);
  for (const glyph of glyphs) pbf.writeMessage(3, writeGlyph, glyph);
}

function write(font) {
  const [latin, latinExt, han] = sources(font);
  const ranges = new Map();
  const add = (codePoint, candidates) => {
    const source = candidates.find((candidate) => candidate.has(codePoint));
    if (!source) return;
    const first = codePoint - (codePoint % 256);
    if (!ranges.has(first)) ranges.set(first, []);
    ranges.get(first).push(glyphOf(codePoint, source));
  };
  for (const [from, to] of whole) for (let c = from; c <= to; c += 1) add(c, [latin, latinExt, han]);
  for (const [from, to] of signs) for (let c = from; c <= to; c += 1) add(c, [han]);
  const folder = new URL(`${encodeURIComponent(font.name)}/`, out);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [first, glyphs] of ranges) {
    glyphs.sort((a, b) => a.id - b.id);
    const range = `${first}-${first + 255}`;
    const pbf = new PbfWriter();
    pbf.writeMessage(1, writeStack, { name: font.name, range, glyphs });
    const bytes = pbf.finish();
    writeFileSync(new URL(`${range}.pbf`, folder), bytes);
    console.log(`${font.name} ${range}: ${glyphs.length} glyphs, ${bytes.length} bytes`);
  }
}

fonts.forEach(write);
