// What came back: status, figures, and the body, of which no more is shown than a page can bear.

import { computed, defineComponent, ref, watch } from 'vue';
import { detailOf, type Reply } from '../ask';
import * as format from '../format';
import { fill } from '../messages';
import { words } from '../state';

/** Characters that are shown at first. */
const mostCharacters = 4000;
const mostHexadecimal = 48;

function figures(reply: Reply): string[] {
  const { console: said } = words.value;
  const revision = reply.headers.get('gewu-revision');
  const timing = reply.headers.get('server-timing');
  return [
    reply.media,
    format.weight(reply, words.value),
    fill(said.time, { ms: format.milliseconds(reply.milliseconds) }),
    timing ? `Server-Timing: ${timing}` : '',
    revision ? fill(said.revision, { n: revision }) : '',
  ].filter(Boolean);
}

export const Answer = defineComponent(
  (props: { reply: Reply; file: string; running?: boolean }) => {
    const all = ref(false);
    watch(() => props.reply.headers, () => (all.value = false));
    const isText = computed(() => props.reply.bytes.length === 0 || format.isText(props.reply.media));
    const text = computed(() => {
      const { bytes } = props.reply;
      return isText.value ? format.pretty(props.reply, new TextDecoder().decode(bytes)) : format.hexadecimal(bytes, mostHexadecimal);
    });
    const save = () => {
      const url = URL.createObjectURL(new Blob([props.reply.bytes.slice()], { type: props.reply.media }));
      const link = document.createElement('a');
      Object.assign(link, { href: url, download: props.file });
      link.click();
      URL.revokeObjectURL(url);
    };
    const notes = () => {
      const { reply } = props;
      const { console: said } = words.value;
      return [
        !isText.value && fill(said.binary, { bytes: format.bytes(reply.bytes.length), n: Math.min(mostHexadecimal, reply.bytes.length) }),
        reply.ending === 'cut' && fill(said.cut, { bytes: format.bytes(reply.bytes.length) }),
        reply.ending === 'stopped' && said.stopped,
      ].filter(Boolean).map((note) => <p class="note">{note}</p>);
    };
    const shortened = () => {
      const { console: said } = words.value;
      if (all.value || text.value.length <= mostCharacters) return undefined;
      return (
        <p class="note">
          {fill(said.shown, { n: mostCharacters, all: text.value.length })} <button type="button" onClick={() => (all.value = true)}>{said.showAll}</button>
        </p>
      );
    };
    const body = () => {
      const { console: said } = words.value;
      const shown = all.value ? text.value : text.value.slice(0, mostCharacters);
      const waiting = props.running ? (props.reply.media === 'text/event-stream' ? said.listening : said.running) : said.empty;
      return shown || waiting;
    };
    return () => {
      const { reply } = props;
      const { console: said } = words.value;
      if (reply.status === 0) return <p class="refusal" role="alert">{reply.ending === 'stopped' ? said.stopped : said.unreachable}</p>;
      const detail = reply.status >= 400 ? detailOf(new TextDecoder().decode(reply.bytes)) : undefined;
      return (
        <div class="answer">
          <p class="figures" role="status">
            <strong class={reply.status < 400 ? 'good' : 'bad'}>{`${reply.status} ${reply.statusText}`.trim()}</strong>
            {figures(reply).map((figure) => <span>{figure}</span>)}
            {reply.bytes.length > 0 && <button type="button" onClick={save}>{said.save}</button>}
          </p>
          {detail && <p class="refusal"><strong>{said.refused}</strong> <span lang="en">{detail}</span></p>}
          {notes()}
          <pre tabindex={0} role="region" aria-label={said.answer}>{body()}</pre>
          {shortened()}
        </div>
      );
    };
  },
  { props: ['reply', 'file', 'running'] },
);
