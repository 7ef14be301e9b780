// What is free of the map: parts of the page that float over it say so in the attribute `data-covers`.

export interface Room {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** How far, in pixels from each edge, the map is covered, with a margin. */
export function room(): Room {
  const covered = { top: 0, right: 0, bottom: 0, left: 0 };
  for (const element of document.querySelectorAll<HTMLElement>('[data-covers]')) {
    const { top, right, bottom, left, width, height } = element.getBoundingClientRect();
    if (width === 0 || height === 0) continue;
    const far = { top: bottom, bottom: window.innerHeight - top, left: right, right: window.innerWidth - left };
    // A dock of a phone is a sheet at its foot.
    const edge = width >= window.innerWidth * 0.9 && element.dataset.covers !== 'top' ? 'bottom' : (element.dataset.covers as keyof Room);
    covered[edge] = Math.max(covered[edge], far[edge]);
  }
  const margin = Math.min(40, window.innerWidth / 24);
  return { top: covered.top + margin, right: covered.right + margin, bottom: covered.bottom + margin, left: covered.left + margin };
}
