// What changed on the server while the page is open.

import { address } from './client';
import type { Change } from './contract';

const retryAfter = 3000;

/**
 * Listens to `/v1/events` while the page is seen, from a revision on, and goes on where it stopped when the connection was lost. A hidden
 * page listens to nothing: a browser has few connections to a server, and what was missed is told later.
 */
export class Changes {
  private source: EventSource | undefined;
  private timer = 0;
  private isLost = false;
  /** The last event heard; none yet. */
  private last: string | undefined;

  /** `heard` gets each change, and nothing where anything may have changed; `found` whether the server can be heard. */
  constructor(
    private readonly revision: number,
    private readonly heard: (change?: Change) => void,
    private readonly found: (isHeard: boolean) => void,
  ) {
    document.addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.open()));
    if (!document.hidden) this.open();
  }

  private open(): void {
    this.close();
    const source = (this.source = new EventSource(address(`v1/events?after=${this.last ?? this.revision}`)));
    source.onopen = () => {
      // A server that began anew meanwhile cannot tell what it was like before.
      if (this.isLost && this.last === undefined) this.heard();
      this.isLost = false;
      this.found(true);
    };
    source.onmessage = ({ data, lastEventId }: MessageEvent<string>) => {
      this.last = lastEventId;
      const change = JSON.parse(data) as Change;
      this.heard(change.all ? undefined : change);
    };
    source.onerror = () => {
      this.isLost = true;
      this.found(false);
      // The browser tries again by itself, unless the server refused.
      if (source.readyState === EventSource.CLOSED) this.timer = window.setTimeout(() => this.open(), retryAfter);
    };
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }
}
