// The page for developers of a server that lets in only whom it knows: it is there, says what is closed and why, and opens with a key.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { launch, open, picture } from './browser.mjs';
import { assertAccessible } from './map.mjs';
import { freePort, start } from './process.mjs';

/** The program and its data directory: see tests/page.sh. */
const { GEWU_PROGRAM: program, GEWU_LOGIN_DATA: data } = process.env;
const size = { width: 1400, height: 1000 };

describe('the page for developers where callers are known', { skip: !(program && data) && 'GEWU_PROGRAM or GEWU_LOGIN_DATA is not set' }, () => {
  let browser, server, url, key;

  before(async () => {
    url = `http://127.0.0.1:${await freePort()}`;
    server = await start(program, ['serve', '--data-dir', data, '--listen', new URL(url).host, '--api-keys', 'true']);
    const printed = execFileSync(program, ['token', 'create', '--data-dir', data, '--name', 'docs', '--role', 'analyst', '--area', 'all', '--expires', '1h'], { encoding: 'utf8' });
    key = /gewu_\S+/.exec(printed)[0];
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.process.kill('SIGINT');
  });

  it('says why nothing runs, and runs with a key, which it tells nobody', async () => {
    const { page, faults } = await open(browser, `${url}/docs`, size);
    const refused = await (await fetch(`${url}/api`)).json();
    assert.equal(refused.status, 401);
    const reference = page.getByRole('region', { name: '全部接口' });
    await reference.getByRole('alert').waitFor();
    assert.ok((await reference.getByRole('alert').textContent()).includes(refused.detail), refused.detail);
    await assertAccessible(page);
    await picture(page, 'docs-closed');

    const used = page.getByRole('button', { name: '使用' });
    await page.getByLabel('令牌或密钥').fill('gewu_wrong');
    await used.click();
    await page.getByRole('region', { name: '以谁的身份请求' }).getByRole('alert').waitFor();
    await page.getByLabel('令牌或密钥').fill(key);
    await used.click();
    await page.getByText('analyst').first().waitFor();
    const resolve = page.getByRole('region', { name: /^坐标归属：/ });
    await resolve.getByRole('button', { name: '运行' }).click();
    await resolve.getByText('"responsible"').waitFor();
    assert.match(await resolve.getByRole('region', { name: '命令' }).textContent(), /-H "Authorization: Bearer \$GEWU_TOKEN"$/);
    await page.getByRole('img', { name: '瓦片图样，按比例' }).waitFor();
    assert.match(await page.getByRole('region', { name: '嵌入代码' }).textContent(), /Bearer TOKEN/);
    assert.ok(!(await page.content()).includes(key), 'the key stands nowhere on the page');
    assert.equal(await page.evaluate((key) => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]).includes(key), key), false);
    assert.deepEqual(faults.filter((fault) => !fault.startsWith('401:') && !fault.includes('401 (Unauthorized)')), []);
  });
});
