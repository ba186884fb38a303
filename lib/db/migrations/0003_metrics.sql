-- Totals that survive retention. Writers only ever insert tallies (no hot row); folding moves them into counters in one
-- statement, so that a reader of both, in one statement, never sees a total go down.
-- subject and outcome are the labels, for example (route, <model>, chosen) or (oracle, compile, pass).
create table tallies (
  metric text not null,
  subject text not null,
  outcome text not null,
  count bigint not null,
  -- Milliseconds, where the metric has a duration.
  total double precision not null
);

create table counters (
  metric text not null,
  subject text not null,
  outcome text not null,
  count bigint not null,
  total double precision not null,

  primary key (metric, subject, outcome)
);
