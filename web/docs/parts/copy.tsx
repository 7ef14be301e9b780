// A button that copies a text and says whether it could.

import { defineComponent, ref } from 'vue';
import { words } from '../state';

const saidFor = 2500;

export const Copy = defineComponent(
  (props: { text: string; label: string }) => {
    const said = ref('');
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(props.text);
        said.value = words.value.console.copied;
      } catch {
        // Browsers allow it on https and on this machine only.
        said.value = words.value.console.uncopied;
      }
      setTimeout(() => (said.value = ''), saidFor);
    };
    return () => (
      <span class="copy">
        <button type="button" onClick={copy}>{props.label}</button>
        <span role="status">{said.value}</span>
      </span>
    );
  },
  { props: ['text', 'label'] },
);
