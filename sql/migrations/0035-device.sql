-- Soundboxes as people look for them, how each of them was last heard of, and what became of every
-- message about a payment. The journal has the devices themselves; these rows follow it.
-- Locks: creates only.

create table device_view (
  id          uuid primary key,
  shard       smallint not null,
  seq         bigint not null,                   -- the line that this row follows
  status      text not null,                     -- active | blocked | retired
  merchant_id uuid,
  terminal_id uuid,
  card        jsonb not null,                    -- everything but what it has to say
  updated_at  timestamptz not null
);
create index device_view_merchant on device_view (merchant_id, id);
create index device_view_terminal on device_view (terminal_id);

create table device_position (
  shard smallint primary key,
  seq   bigint not null
);
-- There were no devices before.
insert into device_position (shard, seq) select shard, max(seq) from journal group by shard;

create table device_health (
  device_id  uuid primary key,
  seen_at    timestamptz not null,
  online     boolean not null,                   -- connected
  battery    smallint,                           -- 0 to 100, as told
  signal     smallint,
  firmware   text,
  changed_at timestamptz not null                -- connected or gone
);

create table sound_proof (
  message_id      text primary key,
  transaction_id  uuid not null,
  device_id       uuid not null,
  amount          bigint not null,
  queued_at       timestamptz,
  published_at    timestamptz,
  published_times integer not null default 0,
  received_at     timestamptz,
  outcome         text,                          -- played | digest | silent; null: under way
  why             text,
  ended_at        timestamptz
);
create index sound_proof_transaction on sound_proof (transaction_id);
create index sound_proof_device on sound_proof (device_id, queued_at);
