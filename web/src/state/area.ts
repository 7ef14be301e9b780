// A grid chosen as an area, without a point in it: from the tree, from a breadcrumb, from a ranking, by a click on the map.

import { computed, ref, shallowRef, type ComputedRef, type Ref } from 'vue';
import { resolvePoint } from '../api/client';
import type { GridRef, LevelInfo, Position } from '../api/contract';
import { getFigures } from '../api/figures';
import { getChain } from '../api/grids';
import type { Bounds, MapView } from '../map/view';
import type { Question } from './question';
import { moment, type Selection } from './selection';

/** A grid; until its name is known, its code stands for it. */
type Kept = Pick<GridRef, 'code' | 'name'>;

export interface Area {
  /** The grid chosen, whether as an area or by a point in it. */
  readonly grid: ComputedRef<GridRef | undefined>;
  /** Why the last choice came to nothing. */
  readonly failure: Ref<unknown>;
  /** Chooses a grid by its code; `fit` shows it whole, in the bounds that are known of it. */
  choose(code: string, options?: { fit?: boolean; bounds?: Bounds }): Promise<void>;
  /** The grid of which alone, with what is below it, the map shows anything; none: it shows everything. */
  readonly only: Readonly<Ref<Kept | undefined>>;
  /** Has the map show only this grid, by its code; none: everything. */
  keepTo(code: string | undefined): Promise<void>;
  /** Chooses the smallest grid at a position that the map shows at its zoom. */
  chooseAt(position: Position): Promise<void>;
}

export function createArea(selection: Selection, question: Question, map: MapView, levels: LevelInfo[]): Area {
  const failure = ref<unknown>();
  const only = shallowRef<Kept>();
  let underway: AbortController | undefined;

  /** The last choice counts, whichever answer comes first. */
  async function attempt(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    underway?.abort();
    const { signal } = (underway = new AbortController());
    try {
      await work(signal);
      if (!signal.aborted) failure.value = undefined;
    } catch (error) {
      if (!signal.aborted) failure.value = error;
    }
  }

  function show(chain: GridRef[]): void {
    question.close();
    selection.chain = chain;
  }

  function choose(code: string, { fit = false, bounds }: { fit?: boolean; bounds?: Bounds } = {}): Promise<void> {
    return attempt(async (signal) => {
      if (fit && bounds) map.fit(bounds);
      const chain = await getChain(code, signal);
      const known = !fit || bounds ? undefined : (await getFigures(['grids'], { parent: code }, signal)).whole;
      if (signal.aborted) return;
      show(chain);
      if (known) map.fit(known.bbox);
    });
  }

  async function keepTo(code: string | undefined): Promise<void> {
    if (code === only.value?.code) return;
    map.keepTo(code);
    only.value = code === undefined ? undefined : { code, name: code };
    if (code === undefined) return;
    // It is kept by its code; its name is only said.
    const found = (await getChain(code).catch(() => [])).at(-1);
    if (found && only.value?.code === code) only.value = found;
  }

  function chooseAt(position: Position): Promise<void> {
    return attempt(async (signal) => {
      const { chain } = await resolvePoint(position, 'wgs84', { at: moment(selection.at) }, signal);
      const zoom = map.view.zoom;
      const shown = chain.filter(({ level }) => (levels.find((info) => info.level === level)?.min_zoom ?? 0) <= zoom);
      if (!signal.aborted && shown.length > 0) show(shown);
    });
  }

  return { grid: computed(() => selection.chain.at(-1)), failure, only, keepTo, choose, chooseAt };
}
