// A building or facility under the pointer, or many of them drawn as one, in one line.

import { h } from '../dom';
import type { Thing } from '../map/view';
import { fill, type Messages } from '../messages';

/** The Chinese or English name of a facility's class; a class that is not in the message files speaks for itself. */
export function facilityClass(name: string, messages: Messages): string {
  return (messages.facility as Record<string, string>)[name] ?? name;
}

function buildingClass(name: string, messages: Messages): string {
  const known = messages.building as Record<string, string>;
  return name !== 'floors' && name !== 'households' ? (known[name] ?? messages.building.other) : messages.building.other;
}

function details({ group, properties }: Thing, messages: Messages): string[] {
  const name = String(properties.class ?? '');
  if (group === 'facilities') return [facilityClass(name, messages)];
  const { floors, households } = properties;
  return [
    buildingClass(name, messages),
    typeof floors === 'number' ? fill(messages.building.floors, { n: floors }) : '',
    typeof households === 'number' ? fill(messages.building.households, { n: households }) : '',
  ].filter(Boolean);
}

export function describeThing(thing: Thing, messages: Messages): HTMLElement {
  const { point_count: facilities, buildings } = thing.properties;
  const many = (text: string, n: number) => h('li', {}, h('span', { class: 'name' }, fill(text, { n })));
  if (typeof facilities === 'number') return many(messages.counts.facilities, facilities);
  if (typeof buildings === 'number') return many(messages.counts.buildings, buildings);
  const name = typeof thing.properties.name === 'string' && thing.properties.name;
  return h('li', {},
    h('span', { class: 'name' }, name || messages.result.unnamed),
    h('span', { class: 'quiet' }, details(thing, messages).join(' · ')));
}
