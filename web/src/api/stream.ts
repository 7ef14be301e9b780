// Server-sent events by `fetch`: unlike `EventSource` it can say who asks.

export interface Sent {
  id: string;
  data: string;
}

/** Takes whole events off the beginning of a text; what is left is not complete yet. */
export function takeEvents(text: string): { events: Sent[]; rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  const events = blocks.map((block) => {
    const lines = block.split('\n');
    const values = (field: string) => lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ''));
    return { id: values('id').at(-1) ?? '', data: values('data').join('\n') };
  });
  // A comment that keeps the connection has no data.
  return { events: events.filter(({ data }) => data !== ''), rest };
}

/** The events of an answer, as they come, until it ends. */
export async function* eventsOf(response: Response): AsyncGenerator<Sent> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return;
    const { events, rest } = takeEvents(text + value);
    text = rest;
    yield* events;
  }
}
