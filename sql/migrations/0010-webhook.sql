-- Calls to clients' own servers: where to, with which secret, how far the journal has been read for
-- it, and each delivery with what came of it.
-- Locks: creates only; reads the journal's last places.

create table webhook_endpoint (
  id            uuid primary key,
  client_id     uuid not null references client (id),
  url           text not null,
  shape         text not null,          -- standard | digiflazz | otomax
  events        text[] not null,
  active        boolean not null default true,
  secret        text not null,          -- sealed
  former_secret text,                   -- sealed; signs beside the new one until former_until
  former_until  timestamptz,
  created_at    timestamptz not null default now()
);
create index webhook_endpoint_client on webhook_endpoint (client_id, created_at);

create trigger webhook_endpoint_changed after insert or update or delete on webhook_endpoint
  for each statement execute function laju_table_changed();

-- Lines up to here are in webhook_delivery, as far as they concern anybody.
create table webhook_position (
  shard smallint primary key,
  seq   bigint not null
);
-- What happened before anybody could ask for calls is not told afterwards.
insert into webhook_position (shard, seq) select shard, max(seq) from journal group by shard;

create table webhook_delivery (
  id            bigint generated always as identity primary key,
  user_id       uuid not null,
  endpoint_id   uuid,                   -- null: the order's own callback address
  target        text not null,          -- what fails together: an endpoint, or a host
  lane          text not null,          -- what keeps its order: target and subject
  seq           bigint not null,        -- place of the fact in its shard
  subject       uuid,                   -- the order or transfer; null for a ping
  event         text not null,
  url           text,                   -- null: the endpoint's, as it is when we call
  shape         text not null,
  body          text not null,
  status        text not null default 'waiting',   -- waiting | delivered | given_up
  attempts      integer not null default 0,
  next_at       timestamptz not null default now(),
  expires_at    timestamptz not null,
  created_at    timestamptz not null default now(),
  tried_at      timestamptz,
  answer_status smallint,
  answer        text,                   -- how their answer began
  problem       text,                   -- stable code of why it failed
  ms            integer,
  unique (lane, seq)
);
create index webhook_delivery_due on webhook_delivery (target, next_at, id)
  where status = 'waiting';
create index webhook_delivery_expiry on webhook_delivery (expires_at) where status = 'waiting';
create index webhook_delivery_user on webhook_delivery (user_id, id);
create index webhook_delivery_subject on webhook_delivery (subject);
