// The same request as a command that can be pasted into a shell.

import type { Asked, Credentials } from './ask';
import { address } from './ask';

/** A word that no shell takes apart. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Secrets stay out of it: the token is a variable of the reader's shell. */
export function curl({ method, target, media, body }: Asked, { token, purpose }: Credentials): string {
  const words = ['curl -sS'];
  if (target.startsWith('/v1/events')) words.push('-N');
  if (method !== 'GET' && body === undefined) words.push(`-X ${method}`);
  if (body !== undefined && method !== 'POST') words.push(`-X ${method}`);
  words.push(quoted(address(target)));
  if (token) words.push('-H "Authorization: Bearer $GEWU_TOKEN"');
  if (purpose) words.push(`-H ${quoted(`Gewu-Purpose: ${purpose}`)}`);
  if (media) words.push(`-H ${quoted(`Content-Type: ${media}`)}`);
  if (body !== undefined) words.push(`--data-binary ${quoted(body)}`);
  return words.join(' ');
}
