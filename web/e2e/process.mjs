// Programs that a test starts for itself.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** Starts a process and gives it with its first line. */
export async function start(command, parameters, options) {
  const process = spawn(command, parameters, { stdio: ['pipe', 'pipe', 'ignore'], ...options });
  const [line] = await once(createInterface(process.stdout), 'line');
  return { process, line };
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
