import { execFileSync } from 'node:child_process';
import { afterEach, expect, it, vi } from 'vitest';
import { curl } from '../docs/curl';
import { pretty, serverTimings } from '../docs/format';
import { examples, groups, isReading, type OpenApi } from '../docs/openapi';
import { above, below, beside, exists, extentOf, tileAt } from '../docs/tiles/matrix';

afterEach(() => vi.unstubAllGlobals());

/** The words that a shell makes of a command. */
function words(command: string): string[] {
  return execFileSync('sh', ['-c', command.replace(/^curl/, "printf '%s\\0'")], { encoding: 'utf8', env: { ...process.env, GEWU_TOKEN: 'secret' } }).split('\0').slice(0, -1);
}

it('a command says to a shell what the request says, whatever stands in it', () => {
  vi.stubGlobal('document', { baseURI: 'http://gewu.example/below/docs' });
  const body = `{"name": "it's \\"$HOME\\" \`id\` \\\\n"}\n第二行`;
  const command = curl({ method: 'POST', target: "/v1/x?q='$(id)'&n=1", media: 'application/json', body }, { token: 'never shown', purpose: 'service' });
  expect(command).not.toContain('never shown');
  expect(words(command)).toEqual([
    '-sS', "http://gewu.example/below/v1/x?q='$(id)'&n=1", '-H', 'Authorization: Bearer secret', '-H', 'Gewu-Purpose: service', '-H', 'Content-Type: application/json',
    '--data-binary', body,
  ].map((word) => (word.startsWith('http') ? new URL(word).href : word)));
  expect(words(curl({ method: 'DELETE', target: '/a' }, { token: '', purpose: '' }))).toEqual(['-sS', '-X', 'DELETE', 'http://gewu.example/below/a']);
});

it('a position lies within the tile that is found for it, at every zoom', () => {
  for (const [lon, lat] of [[100.2676, 25.6065], [-179.99, -85], [0.001, 0.001], [179.99, 85], [104, 66]] as const) {
    for (let z = 0; z <= 24; z += 1) {
      const tile = tileAt(lon, lat, z + 0.7);
      const [west, south, east, north] = extentOf(tile);
      expect(tile.z).toBe(z);
      expect(exists(tile)).toBe(true);
      expect(west <= lon && lon < east && south < lat && lat <= north, `${lon}, ${lat} in ${JSON.stringify(tile)}`).toBe(true);
    }
  }
  expect(tileAt(100.2676, 25.6065, 10)).toEqual({ z: 10, x: 797, y: 436 });
});

it('nobody walks off the world', () => {
  const first = { z: 1, x: 0, y: 0 };
  expect(beside(first, -1, 0)).toEqual(first);
  expect(beside(first, 1, 1)).toEqual({ z: 1, x: 1, y: 1 });
  expect(above({ z: 0, x: 0, y: 0 })).toEqual({ z: 0, x: 0, y: 0 });
  expect(above(below({ z: 9, x: 398, y: 218 }))).toEqual({ z: 9, x: 398, y: 218 });
  for (const wrong of [{ z: 25, x: 0, y: 0 }, { z: 1, x: 2, y: 0 }, { z: 1.5, x: 0, y: 0 }, { z: Number.NaN, x: 0, y: 0 }, { z: 3, x: 0, y: -1 }]) expect(exists(wrong)).toBe(false);
});

it('what a server says of its time is read as the header has it', () => {
  expect(serverTimings('cache;desc=hit, built;dur=0.412')).toEqual([{ name: 'cache', about: 'hit', ms: undefined }, { name: 'built', about: '', ms: 0.412 }]);
  expect(serverTimings(null)).toEqual([]);
});

it('only a whole document of JSON is set out', () => {
  expect(pretty({ media: 'application/geo+json', ending: 'whole' }, '{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(pretty({ media: 'application/json', ending: 'cut' }, '{"a":[1')).toBe('{"a":[1');
  expect(pretty({ media: 'text/csv', ending: 'whole' }, '1,2')).toBe('1,2');
});

it('examples fill in what is required, encoded, once for each body that can be shown', () => {
  const document = {
    paths: {
      '/a/{id}': { get: { operationId: 'one', tags: ['odd'], summary: '', responses: {}, parameters: [
        { name: 'id', in: 'path', required: true, description: '', schema: { type: 'string' }, example: 'a b/c' },
        { name: 'q', in: 'query', required: true, description: '', schema: { type: 'string' }, example: '大理 & x' },
        { name: 'f', in: 'query', required: false, description: '', schema: { type: 'string' }, example: 'json' },
      ] } },
      '/b': { post: { operationId: 'resolveBatch', tags: ['resolve'], summary: '', responses: {}, parameters: [], requestBody: { content: {
        'application/json': { example: { crs: 'wgs84' } }, 'text/csv': { example: 'lon,lat\n' }, 'application/octet-stream': {},
      } } } },
    },
  } as unknown as OpenApi;
  const [[, [batch]], [, [one]]] = groups(document) as [[string, [never]], [string, [never]]];
  expect(examples(one).map(({ asked }) => asked.target)).toEqual([`/a/a%20b%2Fc?q=${encodeURIComponent('大理 & x')}`]);
  expect(examples(batch)).toEqual([
    { label: 'application/json', asked: { method: 'POST', target: '/b', media: 'application/json', body: '{"crs":"wgs84"}' } },
    { label: 'text/csv', asked: { method: 'POST', target: '/b?crs=wgs84', media: 'text/csv', body: 'lon,lat\n' } },
  ]);
  expect([isReading(one), isReading(batch)]).toEqual([true, true]);
});
