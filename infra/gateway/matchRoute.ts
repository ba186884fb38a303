import type { GatewayRoute } from './route.ts';

export type Match =
  | { kind: 'matched'; route: GatewayRoute; pathParameters: Record<string, string> }
  | { kind: 'wrong_method'; allow: string[] }
  | { kind: 'unknown_path' }
  /** A percent sign that encodes no UTF-8. */
  | { kind: 'malformed_path' };

export type MatchRoute = (method: string, path: string) => Match;

type Segment = { literal: string } | { parameter: string };

interface Resource {
  segments: Segment[];
  methods: Map<string, GatewayRoute>;
}

/** Prepares the routes. At every segment a literal wins over a parameter, as at API Gateway. */
export function createMatchRoute(routes: readonly GatewayRoute[]): MatchRoute {
  const resources = resourcesOf(routes);
  return (method, path) => {
    const parts = decodeSegments(path);
    if (parts === undefined) return { kind: 'malformed_path' };
    const resource = resources.find(({ segments }) => fits(segments, parts));
    if (resource === undefined) return { kind: 'unknown_path' };
    const route = resource.methods.get(method);
    if (route === undefined) return { kind: 'wrong_method', allow: [...resource.methods.keys()] };
    return { kind: 'matched', route, pathParameters: parametersOf(resource.segments, parts) };
  };
}

function resourcesOf(routes: readonly GatewayRoute[]): Resource[] {
  const byPath = new Map<string, Resource>();
  for (const route of routes) {
    const resource = byPath.get(route.path) ?? parseResource(route.path);
    if (resource.methods.has(route.method)) {
      throw new Error(`two routes for ${route.method} ${route.path}`);
    }
    resource.methods.set(route.method, route);
    byPath.set(route.path, resource);
  }
  return [...byPath.values()].sort((a, b) => (shape(a.segments) < shape(b.segments) ? -1 : 1));
}

function parseResource(path: string): Resource {
  const segments = path
    .split('/')
    .map((text) => (/^\{\w+\}$/.test(text) ? { parameter: text.slice(1, -1) } : { literal: text }));
  return { segments, methods: new Map() };
}

/** Sorts literals before parameters, from the left. */
function shape(segments: readonly Segment[]): string {
  return segments.map((segment) => ('literal' in segment ? '0' : '1')).join('');
}

function decodeSegments(path: string): string[] | undefined {
  if (!path.includes('%')) return path.split('/');
  try {
    return path.split('/').map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function fits(segments: readonly Segment[], parts: readonly string[]): boolean {
  return (
    segments.length === parts.length &&
    segments.every((segment, at) =>
      'literal' in segment ? segment.literal === parts[at] : parts[at] !== '',
    )
  );
}

function parametersOf(segments: readonly Segment[], parts: readonly string[]) {
  const found = segments.flatMap((segment, at) =>
    'parameter' in segment ? [[segment.parameter, parts[at] ?? ''] as const] : [],
  );
  return Object.fromEntries(found);
}
