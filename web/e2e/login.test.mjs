// The page logs in at a real provider: code flow with PKCE, the token in memory only.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { idle, launch, picture } from './browser.mjs';
import { freePort, start } from './process.mjs';

/** The program and its data directory: see tests/page.sh. */
const { GEWU_PROGRAM: program, GEWU_LOGIN_DATA: data } = process.env;
const script = fileURLToPath(new URL('../../tests/access/provider.mjs', import.meta.url));

describe('a page that logs in', { skip: !(program && data) && 'GEWU_PROGRAM or GEWU_LOGIN_DATA is not set' }, () => {
  let browser, provider, server, url;

  before(async () => {
    url = `http://127.0.0.1:${await freePort()}/`;
    provider = await start('node', [script, url]);
    const issuer = provider.line;
    const claims = { somebody: { gewu_roles: ['worker'], gewu_areas: '*' } };
    await fetch(`${issuer}/test/claims`, { method: 'POST', body: JSON.stringify(claims) });
    server = await start(program, [
      'serve', '--data-dir', data, '--listen', new URL(url).host, '--oidc-issuer', issuer, '--oidc-audience', 'gewu', '--oidc-client-id', 'map',
      '--oidc-resource', 'https://gewu.example/ES256',
    ]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.process.kill('SIGINT');
    provider?.process.kill();
  });

  /** A page, with whatever it should not have said. What it asks without a token is refused. */
  async function visit(hash = '') {
    const context = await browser.newContext({ viewport: { width: 1024, height: 640 }, locale: 'zh-CN', reducedMotion: 'reduce' });
    const page = await context.newPage();
    const faults = [];
    const unauthorized = [];
    const cookies = [];
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('console', (message) => /Content.Security.Policy/i.test(message.text()) && faults.push(message.text()));
    page.on('response', (response) => {
      if (response.status() === 401) unauthorized.push(response.url());
      if (response.url().startsWith(url) && response.headers()['set-cookie']) cookies.push(response.url());
    });
    // The forms of the provider would fetch their letters from elsewhere.
    await page.route(({ hostname }) => hostname !== '127.0.0.1', (route) => route.abort());
    await page.goto(url + hash);
    return { page, context, faults, unauthorized, cookies };
  }

  /** Fills in the forms of the provider. */
  async function logIn(page) {
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.locator('input[name=login]').fill('somebody');
    await page.locator('input[name=password]').fill('anything');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('tab', { name: '查询' }).waitFor();
    await idle(page);
  }

  it('asks for a login, comes back to the place that was asked for, and keeps the token to itself', async () => {
    const { page, context, faults, unauthorized, cookies } = await visit('#14/25.61/100.26');
    await page.getByText('本服务需要登录后使用').waitFor();
    await picture(page, 'login');
    assert.deepEqual(unauthorized, [], 'nothing is asked that would be refused');
    await logIn(page);
    assert.match(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/#14\/25\.61/, 'neither code nor state stays in the address');
    assert.deepEqual(unauthorized, []);

    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
    assert.doesNotMatch(kept, /eyJ|verifier|gewu\.login/, kept);
    assert.deepEqual(cookies, [], 'this server sets no cookie');
    // Whoever is pointed at is asked for as the same caller.
    const asked = page.waitForResponse((response) => response.url().includes('/v1/resolve'));
    await page.mouse.click(600, 320);
    const answer = await asked;
    assert.equal(answer.status(), 200);
    assert.match(await answer.request().headerValue('authorization'), /^Bearer eyJ/);
    assert.deepEqual(faults, []);

    // Another visit must log in again, which the session at the provider answers without a form.
    await page.reload();
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.getByRole('tab', { name: '查询' }).waitFor();
    await idle(page);
    assert.deepEqual(unauthorized, []);
    await context.close();
  });

  it('logs nobody in by a code that it did not ask for', async () => {
    const { page, context } = await visit('#code=stolen&state=made-up');
    await page.getByText('本服务需要登录后使用').waitFor();
    assert.equal(page.url(), url);
    await context.close();
  });

  it('says why a login was not completed', async () => {
    const { page, context } = await visit();
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.getByText('[ Cancel ]').click();
    await page.getByText('登录未完成').waitFor();
    await page.getByRole('button', { name: '登录', exact: true }).waitFor();
    await context.close();
  });

  it('logs out here and at the provider', async () => {
    const { page, context } = await visit();
    await logIn(page);
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.waitForURL(url);
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.locator('input[name=login]').waitFor();
    await context.close();
  });
});
