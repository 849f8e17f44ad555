-- Payments, refunds, settlement batches and what was booked for merchants, as people and reports
-- read them: folded from the journal behind its back, droppable, rebuildable.
-- Locks: creates only; the positions read the journal's primary key.

create table payment_position (
  shard smallint primary key,
  seq   bigint not null
);
-- There were no payments before.
insert into payment_position (shard, seq) select shard, max(seq) from journal group by shard;

create table payment_view (
  id           uuid primary key,                 -- UUIDv7: order by id is order by time
  merchant_id  uuid not null,
  outlet_id    uuid not null,
  terminal_id  uuid not null,
  kind         text not null,                    -- dynamic | static
  status       text not null,
               -- PENDING PAID PAID_LATE EXPIRED FAILED PARTLY_REFUNDED REFUNDED
  amount       bigint not null,
  fee          bigint,
  reference    text not null,
  qr           text not null,
  expires_at   timestamptz,
  paid_at      timestamptz,                      -- as the acquirer says
  booked_at    timestamptz,
  day          text,                             -- yyyymmdd, for which it counts
  payer        text not null default '',
  acquirer_ref text not null default '',
  late         text,                             -- expired | failed: what it was when money came
  refunded     bigint not null default 0,
  fee_back     bigint not null default 0,
  message_id   text,
  device_id    uuid,
  sound        text,                             -- played | digest | silent; null: not known yet
  sound_reason text,
  batch_id     uuid,                             -- the live batch that it is in
  created_by   text not null,
  created_at   timestamptz not null,
  updated_at   timestamptz not null
);
create index payment_view_merchant on payment_view (merchant_id, id);
create index payment_view_reference on payment_view (reference);
create index payment_view_unbatched on payment_view (merchant_id, day) where batch_id is null;
create index payment_view_batch on payment_view (batch_id) where batch_id is not null;
create index payment_view_silent on payment_view (merchant_id, id) where sound = 'silent';

create table payment_refund (
  payment_id  uuid not null,
  refund_id   text not null,
  merchant_id uuid not null,
  day         text not null,
  amount      bigint not null,
  fee         bigint not null,                   -- what of our fee went back
  reason      text not null,
  refunded_by text not null,
  refunded_at timestamptz not null,
  batch_id    uuid,
  primary key (payment_id, refund_id)
);
create index payment_refund_unbatched on payment_refund (merchant_id, day) where batch_id is null;
create index payment_refund_batch on payment_refund (batch_id) where batch_id is not null;

create table settlement_view (
  id             uuid primary key,
  merchant_id    uuid not null,
  reference      text not null,
  status         text not null,                  -- created paid failed cancelled reprocessed
  due_day        text not null,
  days           jsonb not null,                 -- [{"day", "amount"}]
  days_total     bigint not null,
  adjusted       bigint not null default 0,
  bank_reference text not null default '',
  reason         text not null default '',
  replaces       uuid,
  next_id        uuid,
  created_by     text not null,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  paid_at        timestamptz
);
create index settlement_view_merchant on settlement_view (merchant_id, id);

create table settlement_adjustment (
  batch_id      uuid not null,
  adjustment_id text not null,
  merchant_id   uuid not null,
  kind          text not null,                   -- credit | debit
  amount        bigint not null,
  reason        text not null,
  adjusted_by   text not null,
  adjusted_at   timestamptz not null,
  primary key (batch_id, adjustment_id)
);

-- Every posting in a merchant's books.
create table merchant_entry (
  shard       smallint not null,
  seq         bigint not null,                   -- journal position of the record
  leg         smallint not null,
  merchant_id uuid not null,
  subject     text not null,                     -- payment | settlement
  subject_id  uuid not null,
  name        text not null,
  debit       text not null,
  credit      text not null,
  amount      bigint not null,
  booked_at   timestamptz not null,
  primary key (shard, seq, leg)
);
create index merchant_entry_merchant on merchant_entry (merchant_id, seq, leg);
create index merchant_entry_subject on merchant_entry (subject_id);
