// The style as a file, and the map in a page of one's own.

import { computed, defineComponent } from 'vue';
import { address } from '../ask';
import { known, words } from '../state';
import { Copy } from './copy';
import { snippet } from './snippet';

export const Take = defineComponent(() => {
  const code = computed(() => snippet(address('/'), known.place ?? { lon: 100.2676, lat: 25.6065 }, known.access?.authentication ?? false));
  return () => {
    const { take: said } = words.value;
    return (
      <section id="take" aria-labelledby="take-heading">
        <h2 id="take-heading">{said.heading}</h2>
        <h3>{said.style}</h3>
        <p>{said.styleAbout}</p>
        <p class="buttons">
          <a class="button" href="style.json?theme=day&base=none" download="gewu-day.json">{said.day}</a>
          <a class="button" href="style.json?theme=night&base=none" download="gewu-night.json">{said.night}</a>
        </p>
        <h3 id="embed">{said.snippet}</h3>
        <p>{said.snippetAbout}</p>
        <p>{said.cors}</p>
        {known.access?.authentication && <p class="note">{said.token}</p>}
        <div class="command">
          <pre tabindex={0} role="region" aria-label={said.snippet}>{code.value}</pre>
          <Copy text={code.value} label={said.copy} />
        </div>
      </section>
    );
  };
});
