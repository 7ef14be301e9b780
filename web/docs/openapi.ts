// The parts of the OpenAPI document that the page shows, and the requests that its examples make.

import type { Asked } from './ask';

export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  description: string;
  schema: { type: string };
  example?: unknown;
}

interface Media {
  schema?: unknown;
  example?: unknown;
}

interface Content {
  description: string;
  content?: Record<string, Media>;
}

export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, Content | { $ref: string }>;
  security?: unknown[];
}

export interface OpenApi {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, unknown>; responses: Record<string, Content> };
}

/** One operation with its place. */
export interface Operation extends OperationObject {
  method: string;
  path: string;
}

/** Groups in the order in which one meets them; any further ones behind. */
const order = ['resolve', 'grids', 'staff', 'spatial', 'people', 'features', 'tiles', 'operation', 'documents'];

const rank = (tag: string) => (order.includes(tag) ? order.indexOf(tag) : order.length);

/** All operations, in groups. */
export function groups(document: OpenApi): [tag: string, of: Operation[]][] {
  const found = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, object] of Object.entries(item)) {
      const tag = object.tags[0] ?? '';
      found.set(tag, [...(found.get(tag) ?? []), { ...object, method: method.toUpperCase(), path }]);
    }
  }
  return [...found].sort(([a], [b]) => rank(a) - rank(b));
}

export function operationOf(document: OpenApi, id: string): Operation | undefined {
  return groups(document).flatMap(([, of]) => of).find(({ operationId }) => operationId === id);
}

/** The example of a parameter, as text. */
export function exampleOf(document: OpenApi, id: string, parameter: string): string {
  const found = operationOf(document, id)?.parameters.find(({ name }) => name === parameter);
  return found?.example === undefined ? '' : String(found.example);
}

/** Posts that change nothing: they ask with a body. */
const readingPosts = ['resolveBatch', 'within'];

/** May the page make this request by itself? What writes is shown only. */
export function isReading({ method, operationId }: Operation): boolean {
  return method === 'GET' || readingPosts.includes(operationId);
}

/** Fills in the examples of the required parameters. */
function target({ path, parameters }: Operation): string {
  const value = ({ example }: Parameter) => encodeURIComponent(example === undefined ? '' : String(example));
  const required = parameters.filter((parameter) => parameter.required);
  const inPath = required.filter((parameter) => parameter.in === 'path');
  const query = required.filter((parameter) => parameter.in === 'query').map((parameter) => `${parameter.name}=${value(parameter)}`);
  const filled = inPath.reduce((text, parameter) => text.replace(`{${parameter.name}}`, value(parameter)), path);
  return query.length > 0 ? `${filled}?${query.join('&')}` : filled;
}

/** Bodies that can be shown as text, the first one first. */
function bodies({ requestBody }: Operation): { media: string; body: string }[] {
  const told = Object.entries(requestBody?.content ?? {}).filter(([, { example }]) => example !== undefined);
  return told.map(([media, { example }]) => ({ media, body: typeof example === 'string' ? example : JSON.stringify(example) }));
}

/** The example of an operation: one a media type of its body, by that name. */
export function examples(operation: Operation): { label: string; asked: Asked }[] {
  const { method } = operation;
  const of = bodies(operation);
  if (of.length === 0) return [{ label: '', asked: { method, target: target(operation) } }];
  return of.map(({ media, body }) => {
    const isTable = media === 'text/csv' || media === 'application/x-ndjson';
    return { label: media, asked: { method, target: `${target(operation)}${isTable ? '?crs=wgs84' : ''}`, media, body } };
  });
}
