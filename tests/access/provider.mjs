// An OpenID Connect provider for tests: oidc-provider, with keys for RS256, ES256 and EdDSA, on a port of this machine.
//
// usage: node provider.mjs [REDIRECT_URI]: prints its issuer, ends with its standard input.
// A token comes from POST /token by the client "service" (client_credentials) for the resource https://gewu.example/ALGORITHM; the map page
// is the client "map". What no provider does is done below /test: POST JSON to
//   /test/claims {"account or service": {claims}}   what tokens say beside what every token says
//   /test/forge  {"alg", "kid", "claims", "header", "as"}   signs anything: as "provider" (default), "stranger", "none", "secret"
//   /test/rotate {}   new keys, the old ones are withdrawn
//   /test/away   {"away": true}   answers 503 to everything
//   /test/asked  {}   how often its keys were asked for
import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const page = createRequire(new URL('../../web/package.json', import.meta.url));
const { default: Provider } = await import(page.resolve('oidc-provider'));
const jose = await import(page.resolve('jose'));

const algorithms = ['RS256', 'ES256', 'EdDSA'];
const [redirect = 'http://127.0.0.1:1/'] = process.argv.slice(2);
const claims = {};
let keys, handler, away = false, asked = 0;

async function newKeys() {
  const made = {};
  for (const alg of algorithms) {
    const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    made[alg] = { ...(await jose.exportJWK(privateKey)), alg, use: 'sig', kid: randomUUID() };
  }
  return made;
}

function resource(indicator) {
  const alg = indicator.split('/').at(-1);
  return { scope: '', audience: 'gewu', accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg } } };
}

async function start(issuer) {
  keys = await newKeys();
  const provider = new Provider(issuer, {
    jwks: { keys: Object.values(keys) },
    clients: [
      {
        client_id: 'service', client_secret: 'service-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
      },
      {
        client_id: 'map', token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [redirect], post_logout_redirect_uris: [redirect], response_types: ['code'], id_token_signed_response_alg: 'ES256',
      },
    ],
    cookies: { keys: ['test'] },
    clientBasedCORS: () => true,
    extraTokenClaims: (_, token) => claims[token.accountId ?? 'service'],
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    scopes: ['openid', 'offline_access'],
    ttl: { AccessToken: 600, ClientCredentials: 600, Grant: 3600, IdToken: 600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, indicator) => resource(indicator),
        // Once granted to the page, a refreshed token is for the same.
        useGrantedResource: () => true,
      },
    },
  });
  handler = provider.callback();
}

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

async function forge({ alg = 'RS256', kid, claims: said, header: more = {}, as = 'provider' }) {
  const own = keys[alg] ?? keys.RS256;
  const header = { alg, typ: 'at+jwt', kid: kid ?? own.kid, ...more };
  if (as === 'none') return `${encode({ ...header, alg: more.alg ?? 'none' })}.${encode(said)}.`;
  if (as === 'secret') {
    // What a verifier that takes the algorithm from the token would check with the public key as it stands in PEM.
    const pem = createPublicKey({ key: own, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(said)}`;
    return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
  }
  const signer = as === 'stranger' ? (await newKeys())[alg] : own;
  const text = new TextEncoder().encode(JSON.stringify(said));
  return new jose.CompactSign(text).setProtectedHeader(header).sign(await jose.importJWK(signer, alg), { crit: { unheard: true } });
}

async function body(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text ? JSON.parse(text) : {};
}

async function test(path, wanted, issuer) {
  if (path === '/test/claims') return Object.assign(claims, wanted);
  if (path === '/test/forge') return { token: await forge(wanted) };
  if (path === '/test/rotate') return await start(issuer), {};
  if (path === '/test/away') return { away: (away = wanted.away) };
  if (path === '/test/asked') return { asked };
  throw new Error(path);
}

const server = createServer(async (request, response) => {
  if (request.url.startsWith('/test/')) {
    const answer = await test(request.url, await body(request), issuer).catch((error) => ({ error: error.stack }));
    response.writeHead(answer.error ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  } else if (request.url === '/jwks' && (asked += 1), away) {
    response.writeHead(503).end();
  } else {
    handler(request, response);
  }
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
await start(issuer);
console.log(issuer);
process.stdin.on('end', () => process.exit(0)).resume();
