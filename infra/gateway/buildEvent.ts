import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Exchange } from './exchange.ts';

type Identity = APIGatewayProxyEvent['requestContext']['identity'];

interface EventParts {
  exchange: Exchange;
  /** The route's path with its braces. */
  resource: string;
  pathParameters: Record<string, string>;
  body: Buffer;
}

/** The event of a REST API's Lambda proxy integration (payload format 1.0). */
export function buildEvent(parts: EventParts): APIGatewayProxyEvent {
  const { exchange, resource, pathParameters } = parts;
  const headers = groupHeaders(exchange.request.rawHeaders);
  const query = groupPairs(new URLSearchParams(exchange.query));
  return {
    resource,
    path: exchange.path,
    httpMethod: exchange.request.method ?? 'GET',
    headers: lastOfEach(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: query.size === 0 ? null : lastOfEach(query),
    multiValueQueryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters,
    stageVariables: null,
    ...encodeBody(parts.body),
    requestContext: requestContext(exchange, resource),
  };
}

/** Bytes that are no UTF-8 travel as base64, so that the handler can refuse them instead of reading something else. */
function encodeBody(body: Buffer): { body: string | null; isBase64Encoded: boolean } {
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  if (isUtf8(body)) return { body: body.toString('utf8'), isBase64Encoded: false };
  return { body: body.toString('base64'), isBase64Encoded: true };
}

/** Names keep the case in which they came first; the same name in another case is the same header. */
function groupHeaders(raw: readonly string[]): Map<string, string[]> {
  const spelling = new Map<string, string>();
  const grouped = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const lower = name.toLowerCase();
    const first = spelling.get(lower) ?? name;
    spelling.set(lower, first);
    append(grouped, first, raw[at + 1] ?? '');
  }
  return grouped;
}

function groupPairs(pairs: Iterable<[string, string]>): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const [name, value] of pairs) append(grouped, name, value);
  return grouped;
}

function append(grouped: Map<string, string[]>, name: string, value: string): void {
  const values = grouped.get(name);
  if (values === undefined) grouped.set(name, [value]);
  else values.push(value);
}

/** `fromEntries` defines own properties: a header named `__proto__` stays a header. */
function lastOfEach(grouped: Map<string, string[]>): Record<string, string> {
  return Object.fromEntries([...grouped].map(([name, values]) => [name, values.at(-1) ?? '']));
}

function requestContext(exchange: Exchange, resource: string) {
  const now = new Date();
  return {
    accountId: '000000000000',
    apiId: 'local',
    authorizer: null,
    protocol: 'HTTP/1.1',
    httpMethod: exchange.request.method ?? 'GET',
    identity: identity(exchange),
    path: exchange.path,
    stage: 'local',
    requestId: exchange.requestId,
    requestTime: now.toUTCString(),
    requestTimeEpoch: now.getTime(),
    resourceId: 'local',
    resourcePath: resource,
  };
}

function identity({ request }: Exchange): Identity {
  return {
    accessKey: null,
    accountId: null,
    apiKey: null,
    apiKeyId: null,
    caller: null,
    clientCert: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.socket.remoteAddress ?? '',
    user: null,
    userAgent: request.headers['user-agent'] ?? null,
    userArn: null,
  };
}
