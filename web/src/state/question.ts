// Asks the server whose a position is.

import { nextTick, shallowRef, type ShallowRef } from 'vue';
import { resolvePoint } from '../api/client';
import type { Crs, Position, Resolution } from '../api/contract';
import type { MapView, Thing } from '../map/view';
import { moment, type Selection } from './selection';

export type Content =
  | { kind: 'searching' }
  | { kind: 'answer'; resolution: Resolution; things: Thing[] }
  | { kind: 'failure'; error: unknown };

export interface Asked {
  position: Position;
  crs: Crs;
  /** What the map draws there. */
  things?: Thing[];
  /** Goes there; otherwise the map only moves what would be hidden. */
  fly?: boolean;
}

export interface Question {
  content: ShallowRef<Content | undefined>;
  ask(asked: Asked): Promise<void>;
  /** The same once more, as for another day. */
  again(): void;
  close(): void;
}

export function createQuestion(selection: Selection, map: MapView): Question {
  const content = shallowRef<Content>();
  let underway: AbortController | undefined;
  let last: Asked | undefined;

  /** A newer question ends an older one that is still under way. */
  async function ask(asked: Asked): Promise<void> {
    const { position, crs, things = [], fly = false } = asked;
    underway?.abort();
    const { signal } = (underway = new AbortController());
    last = { ...asked, fly: false };
    content.value = { kind: 'searching' };
    // Only a position that is already the map's own may be marked before the answer.
    selection.point = crs === 'wgs84' || crs === 'cgcs2000' ? position : undefined;
    selection.chain = [];
    try {
      const resolution = await resolvePoint(position, crs, { at: moment(selection.at), signal });
      if (signal.aborted) return;
      selection.point = resolution.point;
      selection.chain = resolution.chain;
      content.value = { kind: 'answer', resolution, things };
      // The answer covers more of the map than the question did.
      await nextTick();
      if (fly) map.flyTo(resolution.point);
      else map.reveal(resolution.point);
    } catch (error) {
      if (!signal.aborted) content.value = { kind: 'failure', error };
    }
  }

  return {
    content,
    ask,
    again: () => void (last && ask(last)),
    close() {
      underway?.abort();
      last = content.value = selection.point = undefined;
      selection.chain = [];
    },
  };
}
