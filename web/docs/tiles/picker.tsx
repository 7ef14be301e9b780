// The small map, fetched when it comes into sight: it is the heaviest part of the page.

import { defineComponent, onMounted, onUnmounted, ref, watch } from 'vue';
import { caller, choice, words } from '../state';
import type { SmallMap } from './map';
import { exists, type TileId } from './matrix';

export const Picker = defineComponent(
  (props: { tile: TileId; onTile: (tile: TileId) => void }) => {
    const container = ref<HTMLElement>();
    const fault = ref('');
    let map: SmallMap | undefined;
    const begin = async () => {
      try {
        const { smallMap } = await import('./map');
        if (!container.value) return;
        map = smallMap(container.value, words.value.tiles.map, props.tile, choice.theme, { ...caller }, (tile) => props.onTile(tile));
      } catch (error) {
        // Without WebGL there is no map; the numbers do as well.
        fault.value = error instanceof Error ? error.message : String(error);
      }
    };
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      seen.disconnect();
      void begin();
    });
    onMounted(() => container.value && seen.observe(container.value));
    onUnmounted(() => {
      seen.disconnect();
      map?.remove();
    });
    watch(() => props.tile, (tile) => exists(tile) && map?.outline(tile));
    watch(() => choice.theme, (theme) => map?.colour(theme));
    return () => (
      <>
        {fault.value && <p class="note" role="alert">{words.value.tiles.mapFailed} {fault.value}</p>}
        <div ref={container} class="small-map" role="group" aria-label={words.value.tiles.map} hidden={fault.value !== ''} />
      </>
    );
  },
  { props: ['tile', 'onTile'] },
);
