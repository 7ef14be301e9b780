// Where a coordinate is typed.

import type { Crs, Position } from '../api/contract';
import { readCoordinate } from '../coordinate';
import { h, icon, label } from '../dom';
import { icons } from '../icons';
import type { Messages } from '../messages';

const systems: Crs[] = ['wgs84', 'cgcs2000', 'gcj02', 'bd09'];

export class CoordinateForm {
  readonly element: HTMLFormElement;
  private readonly input = h('input', { type: 'text', id: 'coordinate', autocomplete: 'off', spellcheck: 'false', inputmode: 'text' });
  private readonly select = h('select', { id: 'crs' });
  private readonly button = h('button', { type: 'submit', class: 'primary' }, icon(icons.search));
  private readonly error = h('p', { id: 'coordinate-error', class: 'form-error', role: 'alert', hidden: true });
  private messages!: Messages;

  constructor(messages: Messages, submit: (position: Position, crs: Crs) => void) {
    this.element = h('form', { class: 'coordinate-form', role: 'search', novalidate: true },
      h('div', { class: 'form-row' }, this.input, this.button), this.select, this.error);
    this.input.setAttribute('aria-describedby', 'coordinate-error');
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      const reading = readCoordinate(this.input.value, this.messages);
      if ('error' in reading) return this.refuse(reading.error);
      this.refuse(undefined);
      submit(reading.position, this.select.value as Crs);
    });
    this.render(messages);
  }

  private refuse(error: string | undefined): void {
    this.error.hidden = error === undefined;
    this.error.textContent = error ?? '';
    this.input.toggleAttribute('aria-invalid', error !== undefined);
    if (error !== undefined) this.input.focus();
  }

  render(messages: Messages): void {
    this.messages = messages;
    const chosen = this.select.value || 'wgs84';
    this.element.setAttribute('aria-label', messages.form.label);
    this.input.setAttribute('aria-label', messages.form.label);
    this.input.placeholder = messages.form.placeholder;
    this.select.setAttribute('aria-label', messages.form.crs);
    this.select.replaceChildren(...systems.map((crs) => h('option', { value: crs, selected: crs === chosen }, messages.crs[crs])));
    label(this.button, messages.form.submit);
    this.refuse(undefined);
  }
}
