// How slow the machine is just now: one that others share takes twice as long in one minute as in the next, whatever it does.

/** Milliseconds that the job takes on a core of the machine of the targets that nobody else wants. */
const REFERENCE = 500;

/** Runs in a page, and gives milliseconds: counts in four megabytes, here and there. */
function job() {
  const began = performance.now();
  const seen = new Uint32Array(1 << 20);
  let place = 1;
  for (let step = 0; step < 1e8; step += 1) {
    place ^= place << 13;
    place ^= place >>> 17;
    place ^= place << 5;
    seen[place >>> 12] += 1;
  }
  return performance.now() - began;
}

/** How many times as long as it should a browser takes for a job here and now; never less than 1. */
export async function slowness(browser) {
  const page = await browser.newPage();
  const taken = await page.evaluate(job);
  await page.close();
  return Math.max(1, taken / REFERENCE);
}
