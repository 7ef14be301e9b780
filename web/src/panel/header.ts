// What this is, how much of it there is, and what of it is invented.

import type { Status } from '../api/contract';
import { h } from '../dom';
import { count, fill, type Messages } from '../messages';

export class Header {
  readonly element = h('header', { class: 'brand' });
  readonly notice = h('details', { class: 'invented' });

  /** `logout`: ends the session of whoever is logged in. */
  constructor(private readonly status: Status, private readonly logout?: () => void) {
    this.notice.open = window.innerWidth > 720;
    this.notice.hidden = !status.invented;
  }

  render(messages: Messages): void {
    const { grids, workers, buildings, facilities, revision } = this.status;
    const counts = Object.entries({ grids, workers, buildings, facilities, revision })
      .map(([name, n]) => fill(messages.counts[name as keyof Messages['counts']], { n: count(n ?? 0) }));
    this.element.replaceChildren(
      h('h1', {}, h('span', { class: 'brand-mark' }, messages.page.brand), h('span', { class: 'brand-sub' }, messages.page.subtitle)),
      h('p', { class: 'counts' }, ...counts.map((text) => h('span', {}, text))),
      ...(this.logout ? [h('button', { class: 'logout', type: 'button', onclick: this.logout }, messages.login.leave)] : []),
    );
    this.notice.replaceChildren(h('summary', {}, messages.invented.summary), h('p', {}, messages.invented.detail));
  }
}
