// Joins the parts: what the reader points at or types is asked of the server, and the answer is shown.

import { resolvePoint } from './api/client';
import { Changes } from './api/events';
import type { Crs, Position, Status } from './api/contract';
import { h } from './dom';
import { MapView, type Thing } from './map/view';
import { Selection } from './map/selection';
import { fill, languageTag, messages as allMessages, type Messages } from './messages';
import { Controls } from './panel/controls';
import { CoordinateForm } from './panel/form';
import { Header } from './panel/header';
import { LayersPanel } from './panel/layers';
import { ResultPanel } from './panel/result';
import { readPermalink, writePermalink } from './permalink';
import type { Preferences } from './preferences';

type Bounds = [number, number, number, number];

export class App {
  private readonly view: MapView;
  private readonly selection: Selection;
  private readonly header: Header;
  private readonly form: CoordinateForm;
  private readonly result: ResultPanel;
  private readonly layers: LayersPanel;
  private readonly controls: Controls;
  private readonly attribution = h('p', { class: 'attribution' });
  private readonly trouble = h('p', { class: 'trouble', role: 'alert', hidden: true });
  private readonly unheard = h('p', { class: 'trouble', role: 'status', hidden: true });
  private point: Position | undefined;
  private question: AbortController | undefined;

  constructor(root: HTMLElement, private readonly preferences: Preferences, private readonly status: Status, bounds: Bounds, logout?: () => void) {
    const canvas = h('main', { class: 'map', id: 'map' });
    root.replaceChildren(canvas);
    const link = readPermalink(location.hash);
    const { theme } = preferences.current;
    this.view = new MapView(canvas, theme, bounds, status.levels, link.view);
    this.selection = new Selection(this.view, status.levels, theme);
    this.header = new Header(status, logout);
    this.form = new CoordinateForm(this.messages, (position, crs) => void this.ask(position, crs, [], true));
    this.result = new ResultPanel(this.context, () => this.closeResult());
    this.layers = new LayersPanel(this.view, status.levels, this.context);
    this.controls = new Controls(this.view, preferences, bounds, this.layers.opener);
    root.append(
      h('div', { class: 'left' }, h('div', { class: 'card head' }, this.header.element, this.form.element), this.result.element),
      this.controls.element, this.layers.element,
      h('div', { class: 'foot' }, this.unheard, this.trouble, this.header.notice, this.attribution));
    this.listen();
    this.render();
    new Changes(status.revision, (change) => this.view.refresh(change), (isHeard) => (this.unheard.hidden = isHeard));
    if (link.point) void this.ask(link.point, 'cgcs2000', [], !link.view);
  }

  private get messages(): Messages {
    return allMessages[this.preferences.current.language];
  }

  private get context() {
    return { ...this.preferences.current, messages: this.messages, levels: this.status.levels };
  }

  private listen(): void {
    this.view.onPick((position, things) => void this.ask(position, 'wgs84', things, false));
    this.view.map.on('style.load', () => this.layers.render(this.context));
    this.view.map.on('moveend', () => this.writeLink());
    this.view.map.on('sourcedata', () => {
      const text = this.view.attribution.join(' · ').replace(/<[^>]*>/g, '');
      if (text !== this.attribution.textContent) this.attribution.textContent = text;
    });
    this.view.map.on('error', ({ error }) => this.report(error));
    this.view.map.on('data', ({ dataType }) => (this.trouble.hidden ||= dataType === 'source'));
    // For tests and for whoever takes pictures of the page: has everything asked for been drawn?
    this.view.map.on('render', () => (document.documentElement.dataset.map = 'busy'));
    this.view.map.on('idle', () => (document.documentElement.dataset.map = 'idle'));
    window.addEventListener('hashchange', () => this.followLink());
    window.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      if (this.layers.isOpen) this.layers.close();
      else if (this.result.isOpen) this.closeResult();
    });
    this.preferences.onChange((choice, before) => {
      if (choice.theme !== before.theme) {
        this.selection.setTheme(choice.theme);
        this.view.setTheme(choice.theme);
      }
      this.render();
    });
  }

  /** Says that tiles or the style did not come; the next data that do come take it back. */
  private report(error: { message: string }): void {
    console.error(error);
    this.trouble.textContent = fill(this.messages.error.map, { detail: error.message });
    this.trouble.hidden = false;
  }

  private render(): void {
    const { messages } = this;
    const { language, theme } = this.preferences.current;
    document.documentElement.lang = languageTag[language];
    document.documentElement.dataset.theme = theme;
    document.title = messages.page.title;
    this.view.map.getCanvas().setAttribute('aria-label', messages.page.map);
    this.unheard.textContent = messages.error.unheard;
    this.header.render(messages);
    this.form.render(messages);
    this.result.render(this.context);
    this.layers.render(this.context);
    this.controls.render(messages);
  }

  /** Asks whose a position is. A newer question ends an older one that is still under way. */
  private async ask(position: Position, crs: Crs, things: Thing[], fly: boolean): Promise<void> {
    this.question?.abort();
    const question = (this.question = new AbortController());
    this.result.show({ kind: 'searching' });
    // Only a position that is already the map's own may be marked before the answer.
    if (crs === 'wgs84' || crs === 'cgcs2000') this.selection.setPoint(position);
    else this.selection.clear();
    try {
      const resolution = await resolvePoint(position, crs, question.signal);
      if (question.signal.aborted) return;
      this.point = resolution.point;
      this.selection.set({ point: resolution.point, chain: resolution.chain });
      this.result.show({ kind: 'answer', resolution, things });
      if (fly) this.view.flyTo(resolution.point);
      else this.view.reveal(resolution.point, this.result.element.getBoundingClientRect());
      this.writeLink();
    } catch (error) {
      if (!question.signal.aborted) this.result.show({ kind: 'failure', error });
    }
  }

  private closeResult(): void {
    this.question?.abort();
    this.result.close();
    this.selection.clear();
    this.point = undefined;
    this.writeLink();
    this.view.map.getCanvas().focus();
  }

  private writeLink(): void {
    history.replaceState(null, '', writePermalink({ view: this.view.view, point: this.point }));
  }

  /** The reader changed the address by hand or followed a link within the page. */
  private followLink(): void {
    const { view, point } = readPermalink(location.hash);
    if (view) this.view.jumpTo(view);
    if (point) void this.ask(point, 'cgcs2000', [], !view);
  }
}
