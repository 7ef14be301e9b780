// The calls that the page makes itself; tiles and styles are fetched by MapLibre.

import type { Access, Crs, GridRef, Position, ProblemDetails, Resolution, Status } from './contract';
import type { Session } from './login';

/** An answer that is not a success; `status` 0 means that the server could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: ProblemDetails,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
  }
}

/** An address on this server, also when the page is served below a path prefix. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

let session: Session | undefined;

/** From now on every request is made as this caller. */
export function callAs(caller: Session): void {
  session = caller;
}

/** What requests to this server say of the caller. */
export function headers(): Record<string, string> {
  return session ? { authorization: session.authorization } : {};
}

/** What a request asks for beside its address. */
interface Asking {
  accept?: string;
  /** Sent as JSON, by `POST`. */
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** The answer of this server; what is not a success is an `ApiError`. */
async function ask(path: string, { accept = 'application/json', body, signal }: Asking): Promise<Response> {
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const said = { accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers() };
  let response: Response;
  try {
    response = await fetch(address(path), { ...sent, headers: said, signal: signal ?? null });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, {});
  }
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  return response;
}

/** The answer to a `GET`; what is not a success is an `ApiError`. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, { signal })).json()) as T;
}

/** The answer to a `POST` of JSON. */
export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, { body, signal })).json()) as T;
}

/** The answer as a file of a media type, as `text/csv`. */
export async function getFile(path: string, media: string): Promise<Blob> {
  return (await ask(path, { accept: media })).blob();
}

async function problemOf(response: Response): Promise<ProblemDetails> {
  try {
    return (await response.json()) as ProblemDetails;
  } catch {
    return { title: response.statusText };
  }
}

export function getAccess(): Promise<Access> {
  return getJson<Access>('v1/access');
}

export function getStatus(): Promise<Status> {
  return getJson<Status>('v1/status');
}

/** What the territory is called: the name of the grid above all others; empty where there are several. */
export async function getRegion(): Promise<string> {
  const { grids } = await getJson<{ grids: GridRef[] }>('v1/grids?level=1&limit=2');
  return grids.length === 1 ? (grids[0]?.name ?? '') : '';
}

export interface Resolving {
  /** In metres, how far off the position may be: other grids so near are candidates. */
  accuracy?: number;
  /** A moment (RFC 3339) other than now. */
  at?: string | undefined;
}

/** The address of the question whose a position is. */
export function resolveAddress({ lon, lat }: Position, crs: Crs, { accuracy, at }: Resolving = {}): string {
  const query = new URLSearchParams({ lon: String(lon), lat: String(lat), crs });
  if (accuracy) query.set('accuracy', String(accuracy));
  if (at) query.set('at', at);
  return `v1/resolve?${query}`;
}

/** Whose is a position? */
export function resolvePoint(position: Position, crs: Crs, asking: Resolving, signal?: AbortSignal): Promise<Resolution> {
  return getJson<Resolution>(resolveAddress(position, crs, asking), signal);
}
