import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { AppDeps } from '../app/app.ts';
import { type Access, authenticate, type Caller } from './apiKey.ts';
import { limitRate } from './rateLimit.ts';
import { type HttpRequest, readRequest } from './request.ts';

/** What the stack learns of one request on its way in; `deps` and `caller` are missing when it did not come so far. */
export interface Call {
  request: HttpRequest;
  /** Name of the route. */
  route: string;
  /** By `performance.now()`. */
  startedAt: number;
  deps?: AppDeps;
  caller?: Caller;
  /** Go onto the answer, whatever it is. */
  headers: Record<string, string>;
}

export type AdmittedCall = Call & { deps: AppDeps; caller: Caller };

/** The call travels on the event, which is what every part of the stack sees. */
export type RoutedEvent = APIGatewayProxyEvent & { call?: Call };

interface Door {
  name: string;
  access: Access;
  app: () => Promise<AppDeps>;
}

/** Lets a request in, or throws `Refusal`: key, then rate. */
export async function admit(event: RoutedEvent, { name, access, app }: Door): Promise<void> {
  const request = readRequest(event);
  event.headers = request.headers;
  const call: Call = { request, route: name, startedAt: performance.now(), headers: {} };
  event.call = call;
  call.deps = await app();
  call.caller = authenticate(request, access, call.deps);
  if (access === 'none') return;
  await limitRate(call.deps, { request, caller: call.caller, headers: call.headers });
}

export function admittedCall({ call }: RoutedEvent): AdmittedCall {
  if (call !== undefined && isAdmitted(call)) return call;
  throw new Error('the request was not let in');
}

function isAdmitted(call: Call): call is AdmittedCall {
  return call.deps !== undefined && call.caller !== undefined;
}
