// What this is, where it is, and who asks.

import { defineComponent, reactive } from 'vue';
import { address } from '../ask';
import { caller, known, learn, words } from '../state';

const Caller = defineComponent(() => {
  const typed = reactive({ ...caller });
  const use = (event: Event) => {
    event.preventDefault();
    Object.assign(caller, { token: typed.token.trim(), purpose: typed.purpose });
    void learn();
  };
  const who = () => {
    const { caller: said } = words.value;
    const is = known.access?.caller;
    return is && <p>{said.as}：<code>{is.means}{is.subject && is.subject !== is.means ? ` ${is.subject}` : ''}</code>{is.roles.length > 0 && <> · {said.roles} <code>{is.roles.join(', ')}</code></>}</p>;
  };
  const form = () => {
    const { caller: said } = words.value;
    return (
      <form class="caller" onSubmit={use}>
        {/* Its value is not bound: that would write the token into an attribute of the document. */}
        <label>{said.token} <input type="password" autocomplete="off" onInput={(event: Event) => (typed.token = (event.target as HTMLInputElement).value)} /></label>
        <label>
          {said.purpose}{' '}
          <select value={typed.purpose} onChange={(event: Event) => (typed.purpose = (event.target as HTMLSelectElement).value)}>
            <option value="">{said.none}</option>
            {known.access?.purposes.map((purpose) => <option value={purpose}>{purpose}</option>)}
          </select>
        </label>
        <button type="submit" class="primary">{said.apply}</button>
      </form>
    );
  };
  return () => {
    const { caller: said, console: words_ } = words.value;
    const authenticates = known.access?.authentication || known.accessProblem !== '';
    return (
      <section id="caller" aria-labelledby="caller-heading">
        <h3 id="caller-heading">{said.heading}</h3>
        <p>{authenticates ? said.closed : said.open}</p>
        {authenticates && form()}
        {known.accessProblem && <p class="refusal" role="alert"><strong>{words_.refused}</strong> <span lang="en">{known.accessProblem}</span></p>}
        {who()}
      </section>
    );
  };
});

export const Intro = defineComponent(() => {
  return () => {
    const { intro } = words.value;
    const { place } = known;
    return (
      <section id="start" aria-labelledby="start-heading">
        <h2 id="start-heading">{intro.heading}</h2>
        <p>{intro.text}</p>
        <dl class="facts">
          <dt>{intro.base}</dt>
          <dd><code>{address('/')}</code></dd>
          {place && <dt>{intro.here}</dt>}
          {place && <dd><code>{place.lon}, {place.lat}</code> {place.chain.map(({ name, code }) => name || code).join(' › ')}</dd>}
        </dl>
        <p>{intro.units}</p>
        <p>{intro.machine} <a href="api">OpenAPI 3.0</a> · <a href="openapi.json">OpenAPI 3.1</a> · <a href="./?f=json">OGC API</a></p>
        <Caller />
      </section>
    );
  };
});
