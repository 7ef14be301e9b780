// The grid pointed at: in the tree it is outlined on the map, on the map it is marked in the tree.

import { onScopeDispose, reactive } from 'vue';
import type { GridRef } from '../../api/contract';
import type { MapView } from '../../map/view';

/** `isKnown`: is a grid in the tree as far as it is open? */
export function usePointed(map: MapView, isKnown: (code: string) => boolean) {
  const pointed = reactive({
    /** The grid under the pointer on the map. */
    code: undefined as string | undefined,
    show: (grid?: GridRef) => map.hover(grid),
  });
  const stop = map.onPoint((codes) => (pointed.code = codes.find(isKnown)));
  onScopeDispose(() => {
    stop();
    map.hover(undefined);
  });
  return pointed;
}
