// Logging in at the provider of the deployment: OpenID Connect, authorization code flow with PKCE (RFC 7636), without a secret.
//
// The token lives in memory only: whoever closes or reloads the page logs in again, which the provider answers by itself while its own session
// lasts. Only what the way there and back needs waits in the session storage of this tab, and is taken out at once: it is worth nothing without the code.

import type { Login } from './contract';

/** What the provider says of itself. */
interface Discovered {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  end_session_endpoint?: string;
}

interface Granted {
  access_token: string;
  refresh_token?: string;
  expires_in?: number;
}

/** What this tab remembers while it is at the provider. */
interface Underway {
  state: string;
  verifier: string;
  hash: string;
}

const key = 'gewu.login';
/** A token is renewed this long before it ends, or half-way through a short one. */
const early = 60_000;
/** Of a token whose provider does not say when it ends. */
const usual = 300;

/** The login did not come about; the message is the provider's own, if it has one. */
export class LoginError extends Error {}

/** Base64 for addresses, without padding. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function chance(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** What proves later, by its hash, that the one who asks for the token is the one who asked for the code. */
export async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function page(): string {
  return new URL(location.pathname, location.origin).href;
}

async function discover(issuer: string): Promise<Discovered> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = (await (await fetch(address, { credentials: 'omit' })).json()) as Discovered;
  if (found.issuer !== issuer) throw new LoginError(`${address}: ${found.issuer}`);
  return found;
}

/** Somebody who is logged in. */
export class Session {
  private token = '';
  private refresh: string | undefined;
  private timer = 0;

  /** `ended` is called once when the token has ended and there is no other. */
  private constructor(
    private readonly login: Login,
    private readonly provider: Discovered,
    granted: Granted,
    private readonly ended: () => void,
  ) {
    this.keep(granted);
  }

  /** Goes to the provider; the page comes back with a code. */
  static async leave(login: Login): Promise<never> {
    const provider = await discover(login.issuer);
    const underway: Underway = { state: chance(), verifier: chance(), hash: location.hash };
    sessionStorage.setItem(key, JSON.stringify(underway));
    const asked = new URL(provider.authorization_endpoint);
    const parameters = {
      response_type: 'code',
      // Behind the sign #, so that the code reaches no server and no log on its way to the page.
      response_mode: 'fragment',
      client_id: login.client_id,
      redirect_uri: page(),
      scope: login.scope,
      state: underway.state,
      code_challenge: await challengeOf(underway.verifier),
      code_challenge_method: 'S256',
      ...(login.resource ? { resource: login.resource } : {}),
    };
    for (const [name, value] of Object.entries(parameters)) asked.searchParams.set(name, value);
    location.assign(asked);
    return new Promise<never>(() => {});
  }

  /** The session that the page came back with, if it comes from the provider. */
  static async comeBack(login: Login, ended: () => void): Promise<Session | undefined> {
    const came = new URLSearchParams(location.hash.slice(1));
    const [code, state] = [came.get('code'), came.get('state')];
    if (!state || (!code && !came.has('error'))) return undefined;
    const underway = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Underway | null;
    sessionStorage.removeItem(key);
    // The code must stand neither in the history nor in what the reader copies.
    history.replaceState(null, '', page() + (underway?.hash ?? ''));
    // Not asked for by this tab: nobody is logged in as somebody else.
    if (!underway || underway.state !== state || (came.get('iss') ?? login.issuer) !== login.issuer) return undefined;
    if (!code) throw new LoginError(came.get('error_description') ?? came.get('error') ?? '');
    const provider = await discover(login.issuer);
    const granted = await grant(provider, login, {
      grant_type: 'authorization_code', code, redirect_uri: page(), code_verifier: underway.verifier,
    });
    return new Session(login, provider, granted, ended);
  }

  /** What every request to this server says. */
  get authorization(): string {
    return `Bearer ${this.token}`;
  }

  /** Leaves, at the provider too, where it can be told to. */
  leave(): void {
    window.clearTimeout(this.timer);
    this.token = '';
    this.refresh = undefined;
    const { end_session_endpoint: end } = this.provider;
    if (!end) return location.reload();
    const asked = new URL(end);
    asked.searchParams.set('client_id', this.login.client_id);
    asked.searchParams.set('post_logout_redirect_uri', page());
    location.assign(asked);
  }

  private keep({ access_token: token, refresh_token: refresh, expires_in: seconds = usual }: Granted): void {
    this.token = token;
    this.refresh = refresh ?? this.refresh;
    const lasts = seconds * 1000;
    const wait = this.refresh ? Math.max(lasts - early, lasts / 2) : lasts;
    this.timer = window.setTimeout(() => void this.renew(), wait);
  }

  private async renew(): Promise<void> {
    try {
      if (!this.refresh) throw new LoginError();
      this.keep(await grant(this.provider, this.login, { grant_type: 'refresh_token', refresh_token: this.refresh }));
    } catch {
      this.ended();
    }
  }
}

async function grant(provider: Discovered, login: Login, asked: Record<string, string>): Promise<Granted> {
  const body = new URLSearchParams({ ...asked, client_id: login.client_id });
  if (login.resource) body.set('resource', login.resource);
  const response = await fetch(provider.token_endpoint, { method: 'POST', body, credentials: 'omit' });
  const granted = (await response.json()) as Granted & { error?: string; error_description?: string };
  if (!response.ok || !granted.access_token) throw new LoginError(granted.error_description ?? granted.error ?? String(response.status));
  return granted;
}
