-- Failures that their supplier may still revise: folded from the journal like the other read models,
-- and what a person has looked at already, which is not.
-- The fold goes on where it stands: what failed before is in it after a rebuild.
-- Locks: creates only.

create table order_watch (
  shard      smallint not null,
  id         uuid not null,          -- the order
  n          smallint not null,      -- its attempt
  supplier   text not null,
  code       text,                   -- what the supplier called it
  failed_at  timestamptz not null,
  revised_at timestamptz,            -- it said afterwards that it was sold
  primary key (shard, id, n)
);
create index order_watch_failed on order_watch (failed_at) where revised_at is null;

create table order_watch_closed (
  id     uuid primary key,           -- the order, whatever its attempts
  by     text not null,
  reason text not null,
  at     timestamptz not null
);
