// Builds elements without markup in strings, so that no name from the data can become markup.

type Attributes = Record<string, string | number | boolean | undefined | ((event: Event) => void)>;
export type Child = Node | string | undefined | false;

function apply(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
}

/** An element with attributes (`onclick` and the like listen) and children; absent children are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, attributes);
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** A line icon of 24 by 24 units. */
export function icon(path: string): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  apply(svg, { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' });
  const shape = document.createElementNS(space, 'path');
  apply(shape, { d: path });
  svg.append(shape);
  return svg;
}

/** Sets what a button says to eye and ear. */
export function label(button: HTMLElement, text: string): void {
  button.setAttribute('aria-label', text);
  button.setAttribute('title', text);
}
