// A building or facility under the pointer, or many of them drawn as one, in one line.

import type { Thing } from './map/view';
import { fill, type Messages } from './messages';

export interface Line {
  name: string;
  details: string;
}

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

export function describeThing(thing: Thing, messages: Messages): Line {
  const { point_count: facilities, buildings, name } = thing.properties;
  if (typeof facilities === 'number') return { name: fill(messages.counts.facilities, { n: facilities }), details: '' };
  if (typeof buildings === 'number') return { name: fill(messages.counts.buildings, { n: buildings }), details: '' };
  return { name: (typeof name === 'string' && name) || messages.unnamed, details: details(thing, messages).join(' · ') };
}
