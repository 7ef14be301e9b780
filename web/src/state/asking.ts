// How the reader asks: in which reference system coordinates are typed, how far off they may be. Remembered by the browser.

import { ref, watch, type Ref } from 'vue';
import type { Crs } from '../api/contract';

/** The systems that may be chosen; others are typed before the coordinate, as `EPSG:4542 526000 2832000`. */
export const systems = ['wgs84', 'cgcs2000', 'gcj02', 'bd09'] as const;
/** How far off a position may be, in metres: a phone in the open, in a street, indoors. */
export const accuracies = [0, 10, 25, 50, 100] as const;

/** Their names in short; in full they are in the messages. */
export const shortNames: Record<(typeof systems)[number], string> = { wgs84: 'WGS84', cgcs2000: 'CGCS2000', gcj02: 'GCJ-02', bd09: 'BD-09' };

export type System = (typeof systems)[number];

export interface Asking {
  crs: Ref<Crs>;
  accuracy: Ref<number>;
}

const key = 'gewu.asking';

function remembered(): Partial<{ crs: System; accuracy: number }> {
  try {
    const { crs, accuracy } = JSON.parse(localStorage.getItem(key) ?? '{}') as { crs?: System; accuracy?: number };
    return {
      ...(systems.includes(crs as System) ? { crs: crs as System } : {}),
      ...(accuracies.includes(accuracy as 0) ? { accuracy: accuracy as number } : {}),
    };
  } catch {
    // Storage may be switched off or hold something else: the choice then lasts as long as the page.
    return {};
  }
}

export function createAsking(): Asking {
  const { crs = 'wgs84', accuracy = 25 } = remembered();
  const asking = { crs: ref<Crs>(crs), accuracy: ref<number>(accuracy) };
  watch([asking.crs, asking.accuracy], ([system, metres]) => {
    try {
      localStorage.setItem(key, JSON.stringify({ crs: system, accuracy: metres }));
    } catch {
      // See `remembered`.
    }
  });
  return asking;
}
