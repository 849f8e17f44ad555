-- What people and reports read: folded from the journal behind its back, droppable, rebuildable.
-- Locks: creates only.

create table projection (
  name  text not null,
  shard smallint not null,
  seq   bigint not null,
  primary key (name, shard)
);

create table order_view (
  shard       smallint not null,
  id          uuid not null,         -- UUIDv7: order by id is order by time
  user_id     uuid not null,
  ref         text not null,
  product     text not null,
  destination text not null,
  price       bigint not null,
  cost        bigint,
  supplier    text,
  status      text not null,         -- PENDING PROCESSING SUCCESS FAILED REFUND
  sn          text,
  failure     text,                  -- stable code of the reason
  attempts    smallint not null,
  attention   text,                  -- why a person must look, null when none must
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  primary key (shard, id)
);
create index order_view_attention on order_view (shard, id) where attention is not null;

create table mutation (
  shard          smallint not null,
  user_id        uuid not null,
  seq            bigint not null,    -- journal position of the record
  leg            smallint not null,  -- position of the posting inside the record
  direction      text not null,      -- in | out
  amount         bigint not null,
  balance_before bigint not null,    -- available balance: posted minus held
  balance_after  bigint not null,
  kind           text not null,      -- order | release | refund | deposit | transfer
  reference_id   uuid not null,      -- the order or transfer
  note           text not null,
  created_at     timestamptz not null,
  primary key (shard, user_id, seq, leg)
);

create table account_view (
  shard           smallint not null,
  id              text not null,
  seq             bigint not null,
  balance         bigint not null,
  debits_pending  bigint not null,
  credits_pending bigint not null,
  primary key (shard, id)
);
