// The Gewu that the examples draw: `?server=https://gewu.example`, or one on this machine.

export const server = new URLSearchParams(location.search).get('server') ?? 'http://127.0.0.1:8080';

/** West, south, east, north in degrees of what it has. */
export async function bounds(): Promise<[number, number, number, number]> {
  const response = await fetch(`${server}/v1/status`);
  return (await response.json()).bounds;
}

/** Says which grid was clicked. */
export function say(grid: { name?: string; code?: string } | undefined): void {
  const output = document.getElementById('grid');
  if (output) output.textContent = grid ? `${grid.name} ${grid.code}` : '这里没有网格 · no grid here';
}
