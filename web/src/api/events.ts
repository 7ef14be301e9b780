// What changed on the server while the page is open.

import { address, headers } from './client';
import type { Change } from './contract';
import { eventsOf } from './stream';

const retryAfter = 3000;

/**
 * Listens to `/v1/events` while the page is seen, from a revision on, and goes on where it stopped when the connection was lost. A hidden
 * page listens to nothing: a browser has few connections to a server, and what was missed is told later.
 */
export class Changes {
  private listening: AbortController | undefined;
  private isLost = false;
  /** The last event heard; none yet. */
  private last: string | undefined;

  /** `heard` gets each change, and nothing where anything may have changed; `found` whether the server can be heard. */
  constructor(
    private readonly revision: number,
    private readonly heard: (change?: Change) => void,
    private readonly found: (isHeard: boolean) => void,
  ) {
    document.addEventListener('visibilitychange', this.look);
    if (!document.hidden) void this.open();
  }

  /** Listens no more. */
  end(): void {
    document.removeEventListener('visibilitychange', this.look);
    this.close();
  }

  private readonly look = () => (document.hidden ? this.close() : void this.open());

  private async open(): Promise<void> {
    this.close();
    const { signal } = (this.listening = new AbortController());
    while (!signal.aborted) {
      try {
        await this.listen(signal);
      } catch {
        // As when it ends: it is begun again.
      }
      if (signal.aborted) return;
      this.isLost = true;
      this.found(false);
      await new Promise((resolve) => setTimeout(resolve, retryAfter));
    }
  }

  /** Until the connection ends. */
  private async listen(signal: AbortSignal): Promise<void> {
    const after = this.last ?? this.revision;
    const response = await fetch(address(`v1/events?after=${after}`), { headers: { accept: 'text/event-stream', ...headers() }, signal, cache: 'no-store' });
    if (!response.ok) return;
    // A server that began anew meanwhile cannot tell what it was like before.
    if (this.isLost && this.last === undefined) this.heard();
    this.isLost = false;
    this.found(true);
    for await (const { id, data } of eventsOf(response)) {
      this.last = id;
      const change = JSON.parse(data) as Change;
      this.heard(change.all ? undefined : change);
    }
  }

  private close(): void {
    this.listening?.abort();
    this.listening = undefined;
  }
}
