// How slow the machine is just now: one that others share takes twice as long in one minute as in the next, whatever it does.

/** Milliseconds: a fifth of the job took 94 to 104 in the best of six runs, on two cores that were shared with others (2026-11-27). */
const REFERENCE = 500;
/** However slow a machine is, no more than so many times as long is allowed. */
const SLOWEST = 2.5;

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

/** How many times as long as it should a browser takes for a job here and now; from 1 to a bound. */
export async function slowness(browser) {
  const page = await browser.newPage();
  const taken = await page.evaluate(job);
  await page.close();
  return Math.min(Math.max(1, taken / REFERENCE), SLOWEST);
}
