import { describe, expect, it } from 'vitest';
import { base64url, challengeOf } from '../src/api/login';
import { takeEvents } from '../src/api/stream';

describe('the proof of a login', () => {
  it('is that of RFC 7636, appendix B', async () => {
    expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    expect(base64url(Uint8Array.from([251, 255, 254]))).toBe('-__-');
  });
});

describe('a stream of events', () => {
  const text = ': here\n\nid: 12\ndata: {"a":1}\n\nid:13.1\r\ndata: one\r\ndata:two\r\n\r\n';

  it('is cut into events, whatever the pieces that it comes in', () => {
    const whole = takeEvents(text);
    expect(whole).toEqual({ events: [{ id: '12', data: '{"a":1}' }, { id: '13.1', data: 'one\ntwo' }], rest: '' });
    for (let size = 1; size < 12; size += 1) {
      let rest = '';
      const found = [];
      for (let at = 0; at < text.length; at += size) {
        const taken = takeEvents(rest + text.slice(at, at + size));
        found.push(...taken.events);
        rest = taken.rest;
      }
      expect(found, String(size)).toEqual(whole.events);
    }
  });
});
