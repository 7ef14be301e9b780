// A server of pages, on an origin of their own.

import { createServer } from 'node:http';
import { build } from 'vite';

const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', png: 'image/png' };

/** Bundles the pages of a folder, by its own settings if it has any: files by their path. */
export async function bundled(root, configFile = false) {
  const { output } = await build({ root, configFile, logLevel: 'warn', base: './', build: { write: false, chunkSizeWarningLimit: 2000 } });
  return new Map(output.map((file) => [`/${file.fileName}`, file.code ?? file.source]));
}

/** Serves files by their path; gives the server and its address. */
export async function serve(files) {
  const answer = (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = files.get(pathname);
    response.writeHead(file ? 200 : 404, { 'content-type': types[pathname.split('.').pop()] ?? 'text/plain' }).end(file);
  };
  const served = createServer(answer);
  await new Promise((listening) => served.listen(0, '127.0.0.1', listening));
  return { served, origin: `http://127.0.0.1:${served.address().port}` };
}
