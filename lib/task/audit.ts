import * as z from 'zod';
import { hashOf } from '../kernel/canonicalJson.ts';
import type { NewEvent } from './event.ts';

export const DENIAL_KINDS = ['read', 'write', 'exec'] as const;
export type DenialKind = (typeof DENIAL_KINDS)[number];

/** One thing that a task was denied. */
const Denial = z.object({
  /** `read`: what would have been taken into the task's own copy. */
  kind: z.enum(DENIAL_KINDS),
  step: z.string(),
  /** Name and id of the process inside the sandbox; null where an edit or a command of the service itself was denied. */
  comm: z.string().nullable(),
  pid: z.int().nullable(),
  /** The system call; `edit` for an edit of a model, `exec` for a tool, `copy` for the task's copy of the repository. */
  call: z.string(),
  /** As it was asked for: a path, or the name of a tool. */
  path: z.string(),
  /** Where it leads: absolute, every link followed. */
  target: z.string(),
  reason: z.string(),
});
export type Denial = z.infer<typeof Denial>;

/** A denial on record. `hash` is SHA-256 of the canonical JSON of all the rest, `prev` among it. */
export const AuditEntry = Denial.extend({
  task_id: z.string(),
  /** Counts 1, 2, 3 ... per task. */
  seq: z.int().positive(),
  /** Milliseconds since the epoch. */
  at: z.int(),
  /** The hash of the entry before; of the first one 64 zeros. */
  prev: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditQuery = z.strictObject({
  /** Last sequence already seen. */
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
});

export const AuditPage = z.object({ data: z.array(AuditEntry), has_more: z.boolean() });
export type AuditPage = z.infer<typeof AuditPage>;

export const FIRST_PREV = '0'.repeat(64);

/** Puts an entry under its hash. */
export function sealed(entry: Omit<AuditEntry, 'hash'>): AuditEntry {
  return { ...entry, hash: hashOf(entry) };
}

/** The first sequence at which a chain does not hold, undefined when all of it does. `entries` from the first on. */
export function brokenAt(entries: readonly AuditEntry[]): number | undefined {
  let prev = FIRST_PREV;
  for (const [index, { hash, ...entry }] of entries.entries()) {
    const holds = entry.seq === index + 1 && entry.prev === prev && hashOf(entry) === hash;
    if (!holds) return index + 1;
    prev = hash;
  }
  return undefined;
}

/** More kinds of attempts than this in one batch are summed up: the audit has each of them. */
const MOST_EVENTS = 20;

/** What the stream tells of a batch of denials: equal attempts are counted, not repeated. */
export function denialEvents(denials: readonly Denial[]): NewEvent[] {
  const groups = Map.groupBy(denials, ({ kind, step, comm, call, path, target }) =>
    JSON.stringify([kind, step, comm, call, path, target]),
  );
  const all = [...groups.values()];
  const told = all.slice(0, MOST_EVENTS).flatMap(groupEvents);
  const rest = all.slice(MOST_EVENTS).flat();
  const [first] = rest;
  if (first === undefined) return told;
  const reason = `${rest.length} more attempts: see the audit`;
  return [...told, ...groupEvents([{ ...first, reason }, ...rest.slice(1)])];
}

function groupEvents(group: Denial[]): NewEvent[] {
  const [first] = group;
  if (first === undefined) return [];
  const { kind, step, comm, call, path, target, reason } = first;
  if (kind === 'exec')
    return group.map(() => ({ type: 'exec.denied', data: { tool: path, reason, step } }));
  if (kind === 'read')
    return group.map(() => ({ type: 'read.denied', data: { path, target, reason, step } }));
  const who = comm === null ? {} : { comm, syscall: call };
  const count = group.length === 1 ? {} : { count: group.length };
  return [{ type: 'write.denied', data: { path, target, reason, step, ...who, ...count } }];
}
