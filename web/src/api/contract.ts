// What the server answers: longitudes and latitudes in degrees, distances in metres, times RFC 3339.

/** Those of which the page knows a name; any other by its number. */
export type Crs = 'wgs84' | 'cgcs2000' | 'gcj02' | 'bd09' | `EPSG:${number}`;

export interface Position {
  lon: number;
  lat: number;
}

export interface LevelInfo {
  level: number;
  name: string;
  name_en: string;
  min_zoom: number;
  max_zoom: number;
  count: number;
}

/** How the page logs in. */
export interface Login {
  issuer: string;
  client_id: string;
  scope: string;
  resource: string | null;
}

/** What a caller sees of a personal field. */
export interface Seen {
  /** Such as `workers.phone`. */
  field: string;
  within: 'never' | 'aggregate' | 'masked' | 'visible';
  beyond: 'never' | 'aggregate' | 'masked' | 'visible';
  /** What the policy of the server says, in its own words. */
  why: string;
}

/** Who the caller is to the server. */
export interface Caller {
  subject: string;
  roles: string[];
  /** The grids below which it may see more, by UUID; null: everywhere. */
  areas: string[] | null;
  sees: Seen[];
}

/** `GET /v1/access`, as far as the page needs it. */
export interface Access {
  caller: Caller;
  /** Does the server let in only whom it knows? */
  authentication: boolean;
  /** Absent where the page cannot log in. */
  login: Login | null;
}

/** `GET /v1/status`. */
export interface Status {
  revision: number;
  grids: number;
  workers: number;
  buildings: number;
  facilities: number;
  /** Withheld where it is small. */
  people: number | null;
  invented: boolean;
  /** West, south, east, north; absent while there are no grids. */
  bounds?: [number, number, number, number] | null;
  levels: LevelInfo[];
  version: string;
}

export type ResolveStatus = 'inside' | 'border' | 'ambiguous' | 'parent_only' | 'outside';

export interface GridRef {
  id: string;
  code: string;
  name: string;
  level: number;
  kind?: string | null;
}

/** A grid in full; its geometry is GeoJSON. */
export interface GridDetail extends GridRef {
  parent: string | null;
  children: number;
  households: number;
  area_m2: number;
  /** West, south, east, north. */
  bbox: [number, number, number, number];
  label_point: Position;
  geometry: unknown;
  revision: number;
}

export interface DistantGrid extends Partial<GridRef> {
  code: string;
  distance_m: number;
}

export type Role = 'head' | 'full_time' | 'part_time' | 'instructor' | 'reporter';

export interface Duty {
  worker_id: string;
  name: string;
  phone?: string | null;
  role: Role;
  /** 1 is the primary, 2 and more are deputies. */
  rank: number;
  grid_code: string;
  level: number;
  /** The identity of the absent worker for whom this one stands in. */
  acting_for?: string | null;
}

/** `GET /v1/resolve`. */
export interface Resolution {
  revision: number;
  at: string;
  status: ResolveStatus;
  /** The position asked for, in CGCS2000 degrees. */
  point: Position;
  grid?: GridRef | null;
  chain: GridRef[];
  border_m?: number | null;
  responsible: Duty[];
  candidates?: DistantGrid[];
  nearest?: DistantGrid | null;
}

/** RFC 9457 `application/problem+json`. */
export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  errors?: { field: string; detail: string }[];
}

/** What is in tiles. */
export type TileKind = 'grids' | 'counts' | 'buildings' | 'facilities';

/** An event of `/v1/events`. */
export interface Change {
  revision: number;
  at: string;
  /** Tiles as z/x/y: each with everything below it, and those above it. */
  dirty: Record<TileKind, string[]>;
  /** True when everything may be different. */
  all: boolean;
}
