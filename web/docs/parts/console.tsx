// A request that can be read, changed, copied as a command and run, with its answer below.

import { computed, defineComponent, onUnmounted, reactive, shallowRef, useId, watch } from 'vue';
import type { Asked, Reply } from '../ask';
import { curl } from '../curl';
import { askAsCaller, caller, words } from '../state';
import { Answer } from './answer';
import { Copy } from './copy';

/** What an answer is called when it is saved. */
function fileOf({ target }: Asked): string {
  const [path = '', query = ''] = target.split('?');
  const last = path.split('/').filter(Boolean).at(-1) ?? 'answer';
  const format = new URLSearchParams(query).get('f');
  if (/^\/tiles\/[^/]+\/\d/.test(path)) return `${path.split('/').slice(2).join('-')}.mvt`;
  return last.includes('.') ? last : `${last}.${format ?? 'json'}`;
}

export const Console = defineComponent(
  (props: { asked: Asked; runs: boolean }) => {
    const id = useId();
    const asked = reactive<Asked>({ ...props.asked });
    const reply = shallowRef<Reply>();
    const running = shallowRef<AbortController>();
    const command = computed(() => curl(asked, caller));
    const stop = () => running.value?.abort();
    const run = async () => {
      stop();
      const mine = new AbortController();
      running.value = mine;
      reply.value = undefined;
      const done = await askAsCaller({ ...asked }, mine.signal, (part) => running.value === mine && (reply.value = part));
      if (running.value !== mine) return;
      reply.value = done;
      running.value = undefined;
    };
    watch(
      () => props.asked,
      (next) => {
        stop();
        running.value = reply.value = undefined;
        Object.assign(asked, { media: undefined, body: undefined }, next);
      },
    );
    onUnmounted(stop);
    const submit = (event: Event) => {
      event.preventDefault();
      void run();
    };
    return () => {
      const { console: said } = words.value;
      return (
        <div class="console">
          <form onSubmit={submit}>
            <div class="line">
              <span class="method">{asked.method}</span>
              <label class="hidden" for={`${id}-target`}>{said.target}</label>
              <input
                id={`${id}-target`} value={asked.target} spellcheck={false} autocomplete="off" readonly={!props.runs}
                onInput={(event: Event) => (asked.target = (event.target as HTMLInputElement).value)}
              />
              {/* Two buttons, by their keys: one that turned from one into the other while it is clicked would do both. */}
              {props.runs && !running.value && <button key="run" type="submit" class="primary">{said.run}</button>}
              {props.runs && running.value && <button key="stop" type="button" onClick={stop}>{said.stop}</button>}
            </div>
            {asked.body !== undefined && (
              <div class="body">
                <label for={`${id}-body`}>{said.body} <code>{asked.media}</code></label>
                <textarea
                  id={`${id}-body`} rows={asked.body.includes('\n') ? 5 : 3} spellcheck={false} readonly={!props.runs} value={asked.body}
                  onInput={(event: Event) => (asked.body = (event.target as HTMLTextAreaElement).value)}
                />
              </div>
            )}
          </form>
          <div class="command">
            <pre tabindex={0} role="region" aria-label={said.command}>{command.value}</pre>
            <Copy text={command.value} label={said.copy} />
          </div>
          {!props.runs && <p class="note">{said.writes}</p>}
          {running.value && !reply.value && <p class="note" role="status">{said.running}</p>}
          {reply.value && <Answer reply={reply.value} file={fileOf(asked)} running={running.value !== undefined} />}
        </div>
      );
    };
  },
  { props: ['asked', 'runs'] },
);
