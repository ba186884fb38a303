-- Totals that survive retention. Writers only ever insert tallies (no hot row); folding moves them into counters in one
-- statement, so that a reader of both, in one statement, never sees a total go down.
create table tallies (
  metric text not null,
  labels text[] not null,
  count bigint not null,
  total double precision not null default 0
);

create table counters (
  metric text not null,
  labels text[] not null,
  count bigint not null,
  total double precision not null default 0,

  primary key (metric, labels)
);
