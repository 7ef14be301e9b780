// Every operation, in groups, and every problem: made from the server's own description, so that nothing here grows stale.

import { computed, defineComponent } from 'vue';
import { fill } from '../messages';
import { groups } from '../openapi';
import { known, words } from '../state';
import { Operation } from './operation';

export const Reference = defineComponent(() => {
  const found = computed(() => (known.document ? groups(known.document) : []));
  const state = () => {
    const { reference: said } = words.value;
    if (!known.problem) return known.document ? undefined : <p role="status">{said.loading}</p>;
    const needsToken = known.access?.authentication ? ` ${said.needToken}` : '';
    return <p class="refusal" role="alert"><strong>{said.failed}</strong> <span lang="en">{known.problem}</span>{needsToken}</p>;
  };
  return () => {
    const { reference: said } = words.value;
    return (
      <section id="reference" aria-labelledby="reference-heading">
        <h2 id="reference-heading">{said.heading}</h2>
        <p>{said.about}</p>
        {state()}
        {found.value.map(([tag, of]) => (
          <section key={tag} id={`group-${tag}`} aria-labelledby={`group-${tag}-heading`}>
            <h3 id={`group-${tag}-heading`}>{fill(said.group, { name: said.tags[tag] ?? tag, n: of.length })}</h3>
            {of.map((operation) => <Operation key={operation.operationId} operation={operation} />)}
          </section>
        ))}
      </section>
    );
  };
});

export const Problems = defineComponent(() => {
  const told = computed(() => Object.entries(known.document?.components.responses ?? {}));
  return () => {
    const { problems: said } = words.value;
    return (
      <section id="problems" aria-labelledby="problems-heading">
        <h2 id="problems-heading">{said.heading}</h2>
        <p>{said.about}</p>
        {told.value.length > 0 && (
          <table>
            <thead><tr><th scope="col">{said.status}</th><th scope="col">{said.meaning}</th></tr></thead>
            <tbody>
              {told.value.map(([name, { description }]) => (
                <tr id={`problem-${name.replace('Problem', '')}`}><th scope="row">{name.replace('Problem', '')}</th><td lang="en">{description}</td></tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    );
  };
});
