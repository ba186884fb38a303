-- The task row is the truth about a run, its own outbox (dispatched_at, rings) and its lease (lease_*, fence).
-- Columns of type json, not jsonb: jsonb refuses \u0000 and lone surrogates, which models and tools do print, and
-- reorders keys.
create table tasks (
  id uuid primary key,
  status text not null default 'queued',
  api_key_hash text not null,
  idempotency_key text,
  body_hash text not null,
  language text not null,
  payload json not null,
  traceparent text,

  -- Runs that were claimed, and how many of them lost their lease since the submit or the last resume.
  attempt int not null default 0,
  lapses int not null default 0,
  -- Fencing token: whoever holds an older one writes nothing.
  fence int not null default 0,
  lease_owner text,
  lease_until timestamptz,

  -- When the doorbell was last rung for this task, null for "not since it was queued", and how often it was rung again.
  dispatched_at timestamptz,
  rings int not null default 0,

  -- Numbers given to events and to journal rows so far.
  last_seq int not null default 0,
  last_ordinal int not null default 0,

  verdict text,
  verdict_detail json,
  failure json,
  result json,

  submitted_at timestamptz not null default now(),
  -- Place in the queue: a resumed task goes to its end, one that lost its worker keeps its place.
  queued_at timestamptz not null default now(),
  -- First claim since the submit or the last resume: the time budget runs from here.
  started_at timestamptz,
  finished_at timestamptz,

  constraint tasks_status_known
    check (status in ('queued', 'running', 'cancelling', 'cancelled', 'succeeded', 'failed')),
  constraint tasks_verdict_known
    check (verdict in ('verified', 'partially_verified', 'unverified', 'refuted')),
  constraint tasks_lease_iff_worked
    check ((status in ('running', 'cancelling')) = (lease_owner is not null and lease_until is not null)),
  constraint tasks_lease_whole
    check ((lease_owner is null) = (lease_until is null)),
  constraint tasks_finished_iff_terminal
    check ((status in ('cancelled', 'succeeded', 'failed')) = (finished_at is not null)),
  constraint tasks_started_when_worked
    check (status not in ('running', 'cancelling', 'succeeded') or started_at is not null),
  constraint tasks_verdict_only_when_succeeded
    check (verdict is null or status = 'succeeded'),
  constraint tasks_verdict_whole
    check ((verdict is null) = (verdict_detail is null)),
  constraint tasks_failure_iff_failed
    check ((status = 'failed') = (failure is not null)),
  constraint tasks_result_only_at_the_end
    check (result is null or finished_at is not null),
  constraint tasks_counts_sane
    check (attempt >= 0 and lapses between 0 and attempt and fence >= attempt and rings >= 0
      and last_seq >= 0 and last_ordinal >= 0),
  constraint tasks_idempotency_key_once
    unique (api_key_hash, idempotency_key)
)
-- Room for heap-only updates: every event moves last_seq, which no index holds.
with (fillfactor = 70);

-- The claim and the place in the queue.
create index tasks_queued on tasks (queued_at, id) where status = 'queued';
-- The sweep: who was not rung, and whose lease may have lapsed (lease_until stays out, so that a heartbeat is heap-only).
create index tasks_to_ring on tasks ((coalesce(dispatched_at, '-infinity'))) where status = 'queued';
create index tasks_leased on tasks (id) where status in ('running', 'cancelling');
-- The list, newest first: ids are UUIDs of version 7, so their order is the order of submission.
create index tasks_by_status on tasks (status, id);
create index tasks_by_verdict on tasks (verdict, id) where verdict is not null;
create index tasks_by_language on tasks (language, id);
-- Retention.
create index tasks_finished on tasks (finished_at) where finished_at is not null;
