import * as z from 'zod';
import type { HeaderPairs } from './exchange.ts';

const HeaderValue = z.union([z.string(), z.number(), z.boolean()]);

/** Status and headers of an answer: a handler's, or the prelude of a stream. */
export const ResponseHead = z.object({
  statusCode: z.int().min(100).max(599),
  headers: z.record(z.string(), HeaderValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(HeaderValue)).nullish(),
  cookies: z.array(z.string()).nullish(),
});
export type ResponseHead = z.infer<typeof ResponseHead>;

export const ProxyResult = ResponseHead.extend({
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});
export type ProxyResult = z.infer<typeof ProxyResult>;

/** They describe the hop between gateway and client, which is not the handler's. */
const HOP_BY_HOP = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

/** A name that is in both records takes its values from `multiValueHeaders`, as at API Gateway. */
export function headerPairs(head: ResponseHead): HeaderPairs {
  const multiple = head.multiValueHeaders ?? {};
  const named = new Set(Object.keys(multiple).map((name) => name.toLowerCase()));
  const pairs: HeaderPairs = [];
  for (const [name, value] of Object.entries(head.headers ?? {})) {
    if (!named.has(name.toLowerCase())) pairs.push([name, String(value)]);
  }
  for (const [name, values] of Object.entries(multiple)) {
    for (const value of values) pairs.push([name, String(value)]);
  }
  for (const cookie of head.cookies ?? []) pairs.push(['Set-Cookie', cookie]);
  return pairs.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
}
