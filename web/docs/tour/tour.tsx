// The tour, step by step.

import { computed, defineComponent } from 'vue';
import { Choices } from '../parts/choices';
import { known, words } from '../state';
import { steps } from './steps';

export const Tour = defineComponent(() => {
  const all = computed(() => (known.place ? steps(known.place) : []));
  const labelled = computed(() => {
    const labels: Record<string, string> = words.value.variant;
    return all.value.map(({ id, requests }) => ({ id, requests: requests.map(({ label, asked }) => ({ label: labels[label] ?? label, asked })) }));
  });
  return () => (
    <section id="tour" aria-labelledby="tour-heading">
      <h2 id="tour-heading">{words.value.tour.heading}</h2>
      {labelled.value.map(({ id, requests }, place) => (
        <section key={id} id={`tour-${id}`} class="step" aria-labelledby={`tour-${id}-heading`}>
          <h3 id={`tour-${id}-heading`}><span class="number" aria-hidden="true">{place + 1}</span>{words.value.tour[id].title}</h3>
          <p>{words.value.tour[id].about}</p>
          <Choices requests={requests} runs={true} />
        </section>
      ))}
    </section>
  );
});
