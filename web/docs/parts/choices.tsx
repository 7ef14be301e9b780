// Several ways to ask the same: one is shown, the others are a button away.

import { computed, defineComponent, ref, watch } from 'vue';
import type { Asked } from '../ask';
import { words } from '../state';
import { Console } from './console';

export const Choices = defineComponent(
  (props: { requests: { label: string; asked: Asked }[]; runs: boolean }) => {
    const at = ref(0);
    watch(() => props.requests.length, () => (at.value = 0));
    const chosen = computed(() => props.requests[at.value]?.asked);
    return () => (
      <>
        {props.requests.length > 1 && (
          <div class="choices" role="group" aria-label={words.value.console.variant}>
            {props.requests.map(({ label }, place) => (
              <button type="button" aria-pressed={place === at.value} onClick={() => (at.value = place)}>{label}</button>
            ))}
          </div>
        )}
        {chosen.value && <Console asked={chosen.value} runs={props.runs} />}
      </>
    );
  },
  { props: ['requests', 'runs'] },
);
