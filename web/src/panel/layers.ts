// Which layers show, and what their colours mean.

import { families } from '../../style/facilities.mjs';
import { day, night } from '../../style/palette.mjs';
import { address } from '../api/client';
import type { LevelInfo } from '../api/contract';
import { h, icon, label, type Child } from '../dom';
import * as format from '../format';
import { icons } from '../icons';
import type { Switch } from '../map/layers';
import type { MapView } from '../map/view';
import { count, fill, type Language, type Messages } from '../messages';
import type { Theme } from '../preferences';
import { facilityClass } from './thing';

export interface LayersContext {
  messages: Messages;
  language: Language;
  theme: Theme;
}

/** The drawings of the map's symbols, by class. */
const symbols = Object.fromEntries(
  Object.entries(import.meta.glob<string>('../../../tiles/sprite/*.svg', { query: '?url', import: 'default', eager: true }))
    .map(([path, url]) => [path.slice(path.lastIndexOf('/') + 1, -'.svg'.length), address(url)]));

interface Row {
  name: Switch;
  text: string;
  note?: string;
  swatch?: HTMLElement;
}

/** A sample of a colour. The policy of the page forbids `style` attributes, not setting a style. */
function swatch(shape: string, colour: string): HTMLElement {
  const element = h('span', { class: `swatch ${shape}`, 'aria-hidden': 'true' });
  element.style.setProperty('--colour', colour);
  return element;
}

export class LayersPanel {
  readonly element: HTMLElement;
  readonly opener: HTMLButtonElement;
  private readonly heading = h('h2', { id: 'layers-heading' });
  private readonly closer: HTMLButtonElement;
  private readonly body = h('div', { class: 'layers-body' });
  private messages: Messages;

  constructor(
    private readonly view: MapView,
    private readonly levels: LevelInfo[],
    context: LayersContext,
  ) {
    this.messages = context.messages;
    this.opener = h('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'layers', onclick: () => this.toggle() }, icon(icons.layers));
    this.closer = h('button', { type: 'button', class: 'ghost', onclick: () => this.close() }, icon(icons.close));
    this.element = h('section', { id: 'layers', class: 'card layers', role: 'region', 'aria-labelledby': 'layers-heading', hidden: true },
      h('header', {}, this.heading, this.closer), this.body);
    this.render(context);
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  toggle(): void {
    this.element.hidden = !this.element.hidden;
    this.opener.setAttribute('aria-expanded', String(this.isOpen));
    label(this.opener, this.isOpen ? this.messages.layers.close : this.messages.layers.open);
    if (this.isOpen) this.body.querySelector('input')?.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    this.toggle();
    this.opener.focus();
  }

  render(context: LayersContext): void {
    const { messages, theme } = context;
    this.messages = messages;
    this.heading.textContent = messages.layers.heading;
    label(this.opener, this.isOpen ? messages.layers.close : messages.layers.open);
    label(this.closer, messages.layers.close);
    const palette = theme === 'night' ? night : day;
    const things: Row[] = [
      { name: 'buildings', text: messages.layers.buildings, swatch: swatch('area', palette.building.residential) },
      { name: 'facilities', text: messages.layers.facilities, swatch: swatch('dot', palette.facility.health) },
    ];
    const base: Row[] = this.view.hasBase ? [{ name: 'base', text: messages.layers.base }] : [];
    this.body.replaceChildren(
      this.group(messages.layers.grids, this.gridRows(context),
        h('p', { class: 'legend-line' }, swatch('area soft', palette.dedicated), messages.layers.dedicated)),
      this.group(messages.layers.things, [...things, ...base], this.facilityLegend(messages)),
    );
  }

  private gridRows({ messages, language }: LayersContext): Row[] {
    return this.levels.map((info): Row => ({
      name: `grids-${info.level}`,
      text: format.levelName(info.level, this.levels, language, messages),
      note: count(info.count),
      swatch: swatch(`line level-${info.level}`, this.view.borderColour(info.level)),
    }));
  }

  private group(title: string, rows: Row[], ...legend: Child[]): HTMLElement {
    return h('fieldset', {}, h('legend', {}, title), ...rows.map((row) => this.row(row)), ...legend);
  }

  private row({ name, text, note, swatch: sample }: Row): HTMLElement {
    const box = h('input', { type: 'checkbox', name, checked: this.view.isShown(name) });
    box.addEventListener('change', () => this.view.show(name, box.checked));
    const info = this.levels.find(({ level }) => name === `grids-${level}`);
    const title = info && info.min_zoom > 0 ? fill(this.messages.layers.fromZoom, { n: info.min_zoom }) : undefined;
    return h('label', { class: 'switch', title }, box, sample, h('span', { class: 'text' }, text), note !== undefined && h('span', { class: 'note' }, note));
  }

  private facilityLegend(messages: Messages): HTMLElement {
    const items = Object.keys(families).map((name) =>
      h('li', {}, h('img', { class: 'symbol', src: symbols[name], alt: '' }), facilityClass(name, messages)));
    return h('ul', { class: 'legend' }, ...items);
  }
}
