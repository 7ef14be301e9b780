// Asks the server whose a position is, or who serves a grid.

import { nextTick, shallowRef, watch, type ShallowRef } from 'vue';
import { resolvePoint } from '../api/client';
import type { Crs, Duty, GridDetail, Position, Resolution } from '../api/contract';
import { getChain, getGrid, getStaff } from '../api/grids';
import { getPlace, type Place } from '../api/search';
import type { MapView, Thing } from '../map/view';
import type { Asking } from './asking';
import { readAsked, writeAsked, type AskedOf } from './asked';
import { moment, type Selection } from './selection';

export type Content =
  | { kind: 'searching' }
  | { kind: 'answer'; resolution: Resolution; things: Thing[]; place: Place | undefined; asked: AskedPoint }
  | { kind: 'grid'; grid: GridDetail; staff: Duty[]; revision: number }
  | { kind: 'failure'; error: unknown };

export interface AskedPoint {
  position: Position;
  crs: Crs;
  /** What the map draws there. */
  things?: Thing[];
  /** What was searched for and stands there. */
  place?: Place | undefined;
  /** Goes there; otherwise the map only moves what would be hidden. */
  fly?: boolean;
}

export interface Question {
  content: ShallowRef<Content | undefined>;
  ask(asked: AskedPoint): Promise<void>;
  /** Asks about a grid instead of a point; `fly`: shows it whole. */
  askGrid(code: string, fly?: boolean): Promise<void>;
  /** Asks what an address says that was asked; false where it says nothing. */
  follow(text: string | undefined, point: Position | undefined, fly: boolean): boolean;
  /** What the address has to say of it beside the point. */
  readonly text: string | undefined;
  /** The same once more, as for another day. */
  again(): void;
  close(): void;
}

export function createQuestion(selection: Selection, map: MapView, asking: Asking): Question {
  const content = shallowRef<Content>();
  let underway: AbortController | undefined;
  let repeat: (() => Promise<void>) | undefined;

  /** A newer question ends an older one that is still under way. */
  async function answer(find: (signal: AbortSignal) => Promise<() => void>): Promise<void> {
    underway?.abort();
    const { signal } = (underway = new AbortController());
    content.value = { kind: 'searching' };
    try {
      const show = await find(signal);
      if (signal.aborted) return;
      show();
    } catch (error) {
      if (!signal.aborted) content.value = { kind: 'failure', error };
    }
  }

  async function ask(asked: AskedPoint): Promise<void> {
    const { position, crs, things = [], place, fly = false } = asked;
    repeat = () => ask({ ...asked, fly: false });
    // Only a position that is already the map's own may be marked before the answer.
    selection.point = crs === 'wgs84' || crs === 'cgcs2000' ? position : undefined;
    selection.chain = [];
    await answer(async (signal) => {
      const resolution = await resolvePoint(position, crs, { accuracy: asking.accuracy.value, at: moment(selection.at) }, signal);
      return () => {
        selection.point = resolution.point;
        selection.chain = resolution.chain;
        content.value = { kind: 'answer', resolution, things, place, asked };
        // The answer covers more of the map than the question did.
        void nextTick(() => (fly ? map.flyTo(resolution.point) : map.reveal(resolution.point)));
      };
    });
  }

  async function askGrid(code: string, fly = true): Promise<void> {
    repeat = () => askGrid(code, false);
    selection.point = undefined;
    await answer(async (signal) => {
      const [grid, chain, staff] = await Promise.all([
        getGrid(code, signal), getChain(code, signal), getStaff(code, moment(selection.at), signal),
      ]);
      return () => {
        selection.chain = chain;
        content.value = { kind: 'grid', grid, staff: staff.staff, revision: staff.revision };
        if (fly) void nextTick(() => map.fit(grid.bbox));
      };
    });
  }

  async function askPlace({ collection, id }: NonNullable<AskedOf['place']>, position: Position, fly: boolean): Promise<void> {
    // Its name is good to have; without it the point is asked about all the same.
    const place = await getPlace(collection, id).catch(() => undefined);
    await ask({ position, crs: 'cgcs2000', fly, place });
  }

  watch(asking.accuracy, () => content.value?.kind === 'answer' && void repeat?.());

  return {
    content,
    ask,
    askGrid,
    follow(text, point, fly) {
      const { grid, place, accuracy } = readAsked(text);
      if (point && accuracy !== undefined) asking.accuracy.value = accuracy;
      if (grid) void askGrid(grid, fly);
      else if (point && place) void askPlace(place, point, fly);
      else if (point) void ask({ position: point, crs: 'cgcs2000', fly });
      return Boolean(grid ?? point);
    },
    get text() {
      const now = content.value;
      if (now?.kind === 'grid') return writeAsked({ grid: now.grid.code });
      return now?.kind === 'answer' ? writeAsked({ place: now.place, accuracy: asking.accuracy.value }) : undefined;
    },
    again: () => void repeat?.(),
    close() {
      underway?.abort();
      repeat = content.value = selection.point = undefined;
      selection.chain = [];
    },
  };
}
