// What a task of this mode draws over the map, for as long as it is open, in step with its list.

import { onScopeDispose, ref, watch, type Ref } from 'vue';
import { Overlay, type Shape } from '../../map/overlay';
import { usePage } from '../../state/page';

export interface Drawn {
  /** What the pointer is at, in the list or on the map. */
  pointed: Ref<string | undefined>;
  overlay: Overlay;
}

export function useOverlay(shapes: () => Shape[]): Drawn {
  const { map, theme } = usePage();
  const overlay = new Overlay(map, theme.value);
  const pointed = ref<string>();
  watch(shapes, (now) => overlay.set(now), { immediate: true });
  watch(pointed, (id) => overlay.point(id));
  watch(theme, (colours) => overlay.setTheme(colours), { flush: 'sync' });
  overlay.onPoint((id) => (pointed.value = id));
  onScopeDispose(() => overlay.remove());
  return { pointed, overlay };
}
