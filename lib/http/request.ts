import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';

/** A request as the routes see it. Header names are lower-case. */
export interface HttpRequest {
  method: string;
  /** Without the query. */
  path: string;
  headers: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, string | undefined>>;
  /** Names of the query parameters that stand more than once; `query` has the last value of each. */
  repeated: readonly string[];
  params: Readonly<Record<string, string | undefined>>;
  requestId: string;
  sourceIp: string;
}

/** Printable and short, so that it can go into logs and back into a header. */
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

export function readRequest(event: APIGatewayProxyEvent): HttpRequest {
  const headers = lowerCaseNames(event.headers ?? {});
  const sent = headers['x-request-id'];
  const isUsable = sent !== undefined && REQUEST_ID.test(sent);
  return {
    method: event.httpMethod,
    path: event.path,
    headers,
    query: event.queryStringParameters ?? {},
    repeated: repeatedNames(event.multiValueQueryStringParameters ?? {}),
    params: event.pathParameters ?? {},
    requestId: isUsable ? sent : (event.requestContext?.requestId ?? randomUUID()),
    sourceIp: event.requestContext?.identity?.sourceIp ?? '',
  };
}

function repeatedNames(values: Record<string, string[] | undefined>): string[] {
  return Object.keys(values).filter((name) => (values[name]?.length ?? 0) > 1);
}

function lowerCaseNames(headers: Record<string, string | undefined>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
