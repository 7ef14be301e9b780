// One operation as the OpenAPI document describes it, with an example that runs where it only reads.

import { computed, defineComponent, ref } from 'vue';
import { operations } from '../messages';
import { examples, isReading, type Operation as Described, type Parameter } from '../openapi';
import { choice, known, words } from '../state';
import { Choices } from './choices';

/** What it is for, in the language of the page where there are words. */
export function summaryOf({ operationId, summary }: Described): string {
  return (choice.language === 'zh' && operations[operationId]) || summary;
}

function row({ name, in: place, required, schema, description, example }: Parameter) {
  const { reference: said } = words.value;
  return (
    <tr>
      <th scope="row"><code>{name}</code></th>
      <td>{place === 'path' ? said.inPath : said.inQuery}</td>
      <td>{schema.type}</td>
      <td>{required ? said.required : said.optional}</td>
      <td lang="en">{description}</td>
      <td>{example === undefined ? '' : <code>{String(example)}</code>}</td>
    </tr>
  );
}

function parameters(operation: Described) {
  const { reference: said } = words.value;
  if (operation.parameters.length === 0) return undefined;
  return (
    <div class="wide" tabindex={0} role="region" aria-label={said.parameters}>
      <table>
        <caption>{said.parameters}</caption>
        <thead><tr>{[said.name, '', said.kind, said.need, said.meaning, said.example].map((head) => (head ? <th scope="col">{head}</th> : <td />))}</tr></thead>
        <tbody>{operation.parameters.map(row)}</tbody>
      </table>
    </div>
  );
}

function answers(operation: Described) {
  const { reference: said } = words.value;
  const of = Object.entries(operation.responses).map(([status, response]) => {
    if ('$ref' in response) return <li><a href={`#problem-${status}`}><code>{status}</code></a></li>;
    return <li><code>{status}</code> {Object.keys(response.content ?? {}).map((media) => <code class="media">{media}</code>)} <span lang="en">{response.description}</span></li>;
  });
  return <><h5>{said.answers}</h5><ul class="answers">{of}</ul></>;
}

export const Operation = defineComponent(
  (props: { operation: Described }) => {
    const isOpen = ref(false);
    const requests = computed(() => examples(props.operation));
    const isPublic = computed(() => known.access?.authentication && props.operation.security?.length === 0);
    const inside = () => {
      const { operation } = props;
      return (
        <div class="inside">
          {operation.description && <p lang="en">{operation.description}</p>}
          {parameters(operation)}
          {answers(operation)}
          <h5>{words.value.reference.try}</h5>
          <Choices requests={requests.value} runs={isReading(operation)} />
        </div>
      );
    };
    return () => {
      const { operation } = props;
      return (
        <details id={operation.operationId} class="operation" onToggle={(event: Event) => (isOpen.value = (event.target as HTMLDetailsElement).open)}>
          <summary>
            <span class={`method ${operation.method.toLowerCase()}`}>{operation.method}</span> <code>{operation.path}</code>{' '}
            <span class="about" lang={choice.language === 'zh' && operations[operation.operationId] ? 'zh-CN' : 'en'}>{summaryOf(operation)}</span>
            {isPublic.value && <span class="tag">{words.value.reference.public}</span>}
          </summary>
          {isOpen.value && inside()}
        </details>
      );
    };
  },
  { props: ['operation'] },
);
