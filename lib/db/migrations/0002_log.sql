-- seq comes from tasks.last_seq under the row lock: its order is the order of commits, without gaps.
create table events (
  task_id uuid not null references tasks (id) on delete cascade,
  seq int not null,
  type text not null,
  data json not null,
  at timestamptz not null default clock_timestamp(),

  primary key (task_id, seq),
  constraint events_seq_counts_from_one check (seq > 0)
);

-- The journal: one row per finished step. ordinal is the order in which steps were recorded.
create table steps (
  task_id uuid not null references tasks (id) on delete cascade,
  key text not null,
  ordinal int not null,
  input_hash text not null,
  attempt int not null,
  ok boolean not null,
  output json not null,
  -- The whole result so far against the base tree, when the step changed files.
  patch json,
  tokens int not null,
  ms int not null,
  finished_at timestamptz not null default clock_timestamp(),

  primary key (task_id, key),
  unique (task_id, ordinal),
  constraint steps_counts_sane check (ordinal > 0 and attempt > 0 and tokens >= 0 and ms >= 0)
);

-- What a finished task leaves behind that is too large for its row.
create table artifacts (
  task_id uuid not null references tasks (id) on delete cascade,
  kind text not null,
  content json not null,
  created_at timestamptz not null default now(),

  primary key (task_id, kind),
  constraint artifacts_kind_known check (kind in ('patch'))
);

create table feedback (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references tasks (id) on delete cascade,
  api_key_hash text not null,
  outcome text not null,
  rating int,
  -- Comment and tags as they came.
  body json not null,
  created_at timestamptz not null default now(),

  constraint feedback_outcome_known check (outcome in ('accepted', 'rejected', 'edited')),
  constraint feedback_rating_in_range check (rating between 1 and 5)
);

create index feedback_by_task on feedback (task_id);
