// What is said of a point: the chain of grids, who is on duty, how far the border is.

import type { DistantGrid, Duty, LevelInfo, Resolution } from '../api/contract';
import { h, icon, label, type Child } from '../dom';
import * as format from '../format';
import { icons } from '../icons';
import { count, fill, type Language, type Messages } from '../messages';
import type { Thing } from '../map/view';
import { describeThing } from './thing';

export type Content =
  | { kind: 'searching' }
  | { kind: 'answer'; resolution: Resolution; things: Thing[] }
  | { kind: 'failure'; error: unknown };

interface Context {
  messages: Messages;
  language: Language;
  levels: LevelInfo[];
}

function block(title: string, ...children: Child[]): HTMLElement {
  return h('section', { class: 'block' }, h('h3', {}, title), ...children);
}

function chain({ chain: grids, grid }: Resolution, { messages, language, levels }: Context): HTMLElement {
  const items = grids.map((entry) =>
    h('li', { class: entry.code === grid?.code ? 'leaf' : undefined, 'aria-current': entry.code === grid?.code ? 'true' : undefined },
      h('span', { class: 'level' }, format.levelName(entry.level, levels, language, messages)),
      h('span', { class: 'name' }, entry.name),
      h('span', { class: 'code' }, entry.code)));
  return h('ol', { class: 'chain' }, ...items);
}

function worker(entry: Duty, { messages }: Context): HTMLElement {
  return h('li', { class: 'worker' },
    h('span', { class: 'worker-name' }, entry.name),
    Boolean(entry.acting_for) && h('span', { class: 'tag' }, messages.result.acting),
    h('span', { class: 'worker-role' }, format.duty(entry, messages)),
    h('span', { class: 'worker-phone', 'aria-label': messages.result.phone }, entry.phone ?? '—'));
}

function duty(resolution: Resolution, context: Context): HTMLElement {
  const { messages } = context;
  const climbed = format.climbedTo(resolution);
  if (resolution.responsible.length === 0) return block(messages.result.duty, h('p', { class: 'quiet' }, messages.result.nobody));
  return block(messages.result.duty,
    climbed && h('p', { class: 'quiet' }, fill(messages.result.climbed, { name: climbed })),
    h('ul', { class: 'workers' }, ...resolution.responsible.map((entry) => worker(entry, context))));
}

function distant(title: string, grids: DistantGrid[], messages: Messages): HTMLElement {
  const items = grids.map((grid) =>
    h('li', {},
      h('span', { class: 'name' }, grid.name ?? grid.code),
      h('span', { class: 'code' }, grid.code),
      h('span', { class: 'away' }, fill(messages.result.away, { distance: format.distance(grid.distance_m, messages) }))));
  return block(title, h('ul', { class: 'distant' }, ...items));
}

function facts(resolution: Resolution, messages: Messages): HTMLElement {
  const rows: [string, string][] = [];
  if (typeof resolution.border_m === 'number') rows.push([messages.result.border, format.distance(resolution.border_m, messages)]);
  rows.push([messages.result.point, format.position(resolution.point)]);
  rows.push([messages.result.revision, count(resolution.revision)]);
  return h('dl', { class: 'facts' }, ...rows.flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
}

function answer(resolution: Resolution, things: Thing[], context: Context): Child[] {
  const { messages } = context;
  const hint = messages.statusHint[resolution.status];
  const candidates = resolution.candidates ?? [];
  const nearest = resolution.nearest ? [resolution.nearest] : [];
  const kind = (resolution.grid?.kind ?? undefined) as keyof Messages['kind'] | undefined;
  return [
    h('p', { class: 'status-line' },
      h('span', { class: `badge ${resolution.status}` }, messages.status[resolution.status] ?? resolution.status),
      kind && h('span', { class: 'badge plain' }, messages.kind[kind] ?? kind)),
    hint && h('p', { class: 'hint' }, hint),
    resolution.chain.length > 0 && block(messages.result.chain, chain(resolution, context)),
    nearest.length > 0 && distant(messages.result.nearest, nearest, messages),
    candidates.length > 0 && distant(messages.result.candidates, candidates, messages),
    resolution.status !== 'outside' && duty(resolution, context),
    things.length > 0 && block(messages.result.here, h('ul', { class: 'things' }, ...things.slice(0, 4).map((thing) => describeThing(thing, messages)))),
    facts(resolution, messages),
  ];
}

function failure(error: unknown, messages: Messages): Child[] {
  const { advice, details } = format.problem(error, messages);
  return [
    h('p', { class: 'status-line' }, h('span', { class: 'badge failure' }, messages.error.heading)),
    h('p', { class: 'advice', role: 'alert' }, advice),
    ...details.map((detail) => h('p', { class: 'quiet' }, detail)),
  ];
}

export class ResultPanel {
  readonly element: HTMLElement;
  private readonly heading = h('h2', { id: 'result-heading' });
  private readonly closer: HTMLButtonElement;
  private readonly body = h('div', { class: 'result-body', 'aria-live': 'polite' });
  private content: Content | undefined;

  constructor(
    private context: Context,
    onClose: () => void,
  ) {
    this.closer = h('button', { type: 'button', class: 'ghost', onclick: onClose }, icon(icons.close));
    this.element = h('section', { class: 'card result', role: 'region', 'aria-labelledby': 'result-heading', hidden: true },
      h('header', {}, this.heading, this.closer), this.body);
    this.render(context);
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  show(content: Content): void {
    this.content = content;
    this.element.hidden = false;
    this.fillBody();
  }

  close(): void {
    this.content = undefined;
    this.element.hidden = true;
    this.body.replaceChildren();
  }

  render(context: Context): void {
    this.context = context;
    this.heading.textContent = context.messages.result.heading;
    label(this.closer, context.messages.result.close);
    this.fillBody();
  }

  private fillBody(): void {
    const { content, context } = this;
    if (!content) return;
    const children: Child[] =
      content.kind === 'searching' ? [h('p', { class: 'quiet' }, context.messages.result.searching)]
      : content.kind === 'failure' ? failure(content.error, context.messages)
      : answer(content.resolution, content.things, context);
    this.element.dataset.state = content.kind;
    this.body.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
  }
}
