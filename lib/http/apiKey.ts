import { createHash, timingSafeEqual } from 'node:crypto';
import type { AppDeps } from '../app/app.ts';
import { Refusal } from '../kernel/errors.ts';
import type { HttpRequest } from './request.ts';

/** `key`: always the key; `read`: the key unless READ_ACCESS=open; `none`: anybody. */
export type Access = 'key' | 'read' | 'none';

/** Who calls: the hash of the key, in hex, or undefined for somebody without one. */
export interface Caller {
  apiKeyHash: string | undefined;
}

const KEY_LIKE_PARAMETERS = ['api_key', 'apikey', 'x-api-key', 'key', 'access_token', 'token'];

/** Throws `Refusal` unauthenticated when the route needs a key and no valid one came in the header. */
export function authenticate(request: HttpRequest, access: Access, { config }: AppDeps): Caller {
  const sent = request.headers['x-api-key'];
  const apiKeyHash = sent === undefined ? undefined : knownKeyHash(sent, config.apiKeys);
  const needsKey = access === 'key' || (access === 'read' && config.readAccess === 'key');
  if (needsKey && apiKeyHash === undefined) throw unauthenticated(request, sent !== undefined);
  return { apiKeyHash };
}

/**
 * Compares in constant time: both sides are hashed, so lengths tell nothing, and every key is compared, so the position of
 * a match tells nothing.
 */
function knownKeyHash(sent: string, keys: readonly string[]): string | undefined {
  const digest = sha256(sent);
  let isKnown = false;
  for (const key of keys) isKnown = timingSafeEqual(digest, sha256(key)) || isKnown;
  return isKnown ? digest.toString('hex') : undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function unauthenticated(request: HttpRequest, wasSent: boolean): Refusal {
  const inUrl = Object.keys(request.query).some((name) =>
    KEY_LIKE_PARAMETERS.includes(name.toLowerCase()),
  );
  if (inUrl) {
    return new Refusal('unauthenticated', 'a key in the URL is never accepted', {
      code: 'api_key_in_url',
      remedy: 'send it in the header X-API-Key, and replace it: URLs end up in logs',
    });
  }
  return wasSent
    ? new Refusal('unauthenticated', 'the key in X-API-Key is not known', {
        code: 'api_key_unknown',
        remedy: 'check the key against API_KEY of the service',
      })
    : new Refusal('unauthenticated', 'the header X-API-Key is missing', {
        code: 'api_key_missing',
        remedy: 'send X-API-Key; a service started without settings takes dev-local',
      });
}

/** The caller's key hash, on a route whose access is `key`. */
export function keyHashOf({ apiKeyHash }: Caller): string {
  if (apiKeyHash === undefined) throw new Error('the route let in a caller without a key');
  return apiKeyHash;
}
