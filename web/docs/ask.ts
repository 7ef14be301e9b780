// One request to this server, its answer read within bounds and measured.

/** What is asked. `target`: path and query. */
export interface Asked {
  method: string;
  target: string;
  /** Media type of the body, when there is one. */
  media?: string;
  body?: string;
}

/** Who asks, and for what: neither is ever stored. */
export interface Credentials {
  token: string;
  purpose: string;
}

export type Ending = 'whole' | 'cut' | 'stopped';

/** What came back. */
export interface Reply {
  /** 0: the server could not be reached. */
  status: number;
  statusText: string;
  media: string;
  headers: Headers;
  bytes: Uint8Array;
  /** Bytes of the body as it travelled, where the server says so. */
  wire: number | undefined;
  encoding: string;
  /** Milliseconds until the last byte that was read. */
  milliseconds: number;
  ending: Ending;
}

/** Bytes of a body that are read at most. */
export const mostBytes = 2 << 20;

/** An address on this server, also when the page is served below a path prefix. */
export function address(target: string): string {
  return new URL(target.replace(/^\//, './'), document.baseURI).href;
}

export function headersOf({ media }: Pick<Asked, 'media'>, { token, purpose }: Credentials): Record<string, string> {
  return {
    ...(media ? { 'Content-Type': media } : {}),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(purpose ? { 'Gewu-Purpose': purpose } : {}),
  };
}

function joined(pieces: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Reads until the end, the bound, or until somebody stops it; tells each time how much there is. */
async function read(response: Response, signal: AbortSignal, onBytes?: (soFar: Uint8Array) => void): Promise<[Uint8Array, Ending]> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value.subarray(0, mostBytes - size));
      size += value.length;
      onBytes?.(joined(pieces));
      if (size > mostBytes) {
        await reader.cancel();
        return [joined(pieces), 'cut'];
      }
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    return [joined(pieces), 'stopped'];
  }
  return [joined(pieces), 'whole'];
}

function reply(response: Response, bytes: Uint8Array, ending: Ending, begun: number): Reply {
  const length = response.headers.get('content-length');
  return {
    status: response.status,
    statusText: response.statusText,
    media: (response.headers.get('content-type') ?? '').split(';')[0] ?? '',
    headers: response.headers,
    bytes,
    wire: length === null ? undefined : Number(length),
    encoding: response.headers.get('content-encoding') ?? '',
    milliseconds: performance.now() - begun,
    ending,
  };
}

/** Asks, past what the browser keeps: what is shown is what the server says now. `onPart` is told while more is coming. */
export async function ask(asked: Asked, credentials: Credentials, signal: AbortSignal, onPart?: (part: Reply) => void): Promise<Reply> {
  const begun = performance.now();
  const { method, body } = asked;
  let response: Response;
  try {
    response = await fetch(address(asked.target), { method, body, signal, headers: headersOf(asked, credentials), cache: 'no-store' });
  } catch {
    const bytes = new Uint8Array();
    return { status: 0, statusText: '', media: '', headers: new Headers(), bytes, wire: undefined, encoding: '', milliseconds: performance.now() - begun, ending: signal.aborted ? 'stopped' : 'whole' };
  }
  onPart?.(reply(response, new Uint8Array(), 'whole', begun));
  const [bytes, ending] = await read(response, signal, onPart && ((soFar) => onPart(reply(response, soFar, 'whole', begun))));
  return reply(response, bytes, ending, begun);
}

/** JSON that the page itself needs; a problem comes as an error with the server's own words. */
export async function askJson<T>(target: string, credentials: Credentials): Promise<T> {
  const { status, statusText, bytes } = await ask({ method: 'GET', target }, credentials, new AbortController().signal);
  const text = new TextDecoder().decode(bytes);
  if (status === 200) return JSON.parse(text) as T;
  throw new Refused(status, detailOf(text) ?? statusText);
}

/** An answer that is no success. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
    this.name = 'Refused';
  }
}

/** What a problem document says was wrong. */
export function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
