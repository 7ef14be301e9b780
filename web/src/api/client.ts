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

/** The answer to a `GET`; what is not a success is an `ApiError`. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path), { headers: { accept: 'application/json', ...headers() }, signal });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, {});
  }
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  return (await response.json()) as T;
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

/** Whose is a position? `at`: a moment (RFC 3339) other than now. */
export function resolvePoint({ lon, lat }: Position, crs: Crs, { at, signal }: { at?: string; signal?: AbortSignal } = {}): Promise<Resolution> {
  const query = new URLSearchParams({ lon: String(lon), lat: String(lat), crs, ...(at ? { at } : {}) });
  return getJson<Resolution>(`v1/resolve?${query}`, signal);
}
