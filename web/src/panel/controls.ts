// The buttons beside the map.

import { h, icon, label } from '../dom';
import { icons } from '../icons';
import type { MapView } from '../map/view';
import type { Messages } from '../messages';
import type { Preferences } from '../preferences';

export class Controls {
  readonly element: HTMLElement;
  private readonly camera = h('div', { class: 'buttons' });
  private readonly page = h('div', { class: 'buttons' });
  private readonly zoomIn = h('button', { type: 'button', class: 'zoom' }, icon(icons.plus));
  private readonly zoomOut = h('button', { type: 'button', class: 'zoom' }, icon(icons.minus));
  private readonly north = h('button', { type: 'button', class: 'compass' }, icon(icons.compass));
  private readonly tilt = h('button', { type: 'button', class: 'text' }, '3D');
  private readonly home = h('button', { type: 'button' }, icon(icons.home));
  private readonly theme = h('button', { type: 'button' });
  private readonly language = h('button', { type: 'button', class: 'text' });

  constructor(
    private readonly view: MapView,
    private readonly preferences: Preferences,
    bounds: [number, number, number, number],
    layers: HTMLButtonElement,
  ) {
    this.camera.append(this.zoomIn, this.zoomOut, this.north, this.tilt, this.home);
    this.page.append(layers, this.theme, this.language);
    this.element = h('div', { class: 'controls', role: 'group' }, this.page, this.camera);
    const { map } = view;
    this.zoomIn.addEventListener('click', () => map.zoomIn());
    this.zoomOut.addEventListener('click', () => map.zoomOut());
    this.north.addEventListener('click', () => map.easeTo({ bearing: 0 }));
    this.home.addEventListener('click', () => view.fit(bounds));
    this.tilt.addEventListener('click', () => {
      view.setExtruded(!view.isExtruded);
      this.showTilt();
    });
    this.theme.addEventListener('click', () => preferences.set({ theme: preferences.current.theme === 'day' ? 'night' : 'day' }));
    this.language.addEventListener('click', () => preferences.set({ language: preferences.current.language === 'zh' ? 'en' : 'zh' }));
    map.on('rotate', () => this.turnCompass());
  }

  private turnCompass(): void {
    this.north.style.setProperty('--bearing', `${-this.view.map.getBearing()}deg`);
  }

  private showTilt(): void {
    this.tilt.setAttribute('aria-pressed', String(this.view.isExtruded));
  }

  render(messages: Messages): void {
    const { controls } = messages;
    const isDay = this.preferences.current.theme === 'day';
    this.element.setAttribute('aria-label', controls.group);
    label(this.zoomIn, controls.zoomIn);
    label(this.zoomOut, controls.zoomOut);
    label(this.north, controls.north);
    label(this.tilt, controls.tilt);
    label(this.home, controls.home);
    label(this.theme, isDay ? controls.toNight : controls.toDay);
    this.theme.replaceChildren(icon(isDay ? icons.moon : icons.sun));
    label(this.language, controls.language);
    this.language.textContent = controls.languageMark;
    this.turnCompass();
    this.showTilt();
  }
}
