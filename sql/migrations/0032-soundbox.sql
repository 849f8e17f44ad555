-- QRIS merchants with their outlets, terminals and fee plans, bank holidays, and what an acquirer
-- told us. Registers carry a version against two who change at once and a history that no writer
-- can forget; processes that hold them in memory hear of every change (channel of 0005), named by
-- the merchant's id, or null for what concerns them all.
-- Locks: creates only.

create table merchant (
  id             uuid primary key,               -- its shard holds all money of the merchant
  name           text not null,                  -- as on the contract
  qr_name        text not null,                  -- as payers see it, at most 25 characters
  city           text not null,
  postal_code    text not null,
  mcc            text not null,                  -- ISO 18245
  criteria       text not null,                  -- UMI | UKE | UME | UBE | URE
  nmid           text not null unique,           -- ID and 13 digits
  email          text not null default '',
  phone          text not null default '',
  status         text not null default 'pending',-- pending | approved | rejected | suspended
  status_reason  text not null default '',
  settle_days    smallint not null default 1,    -- T+N in banking days
  bank_code      text not null default '',
  account_name   text not null default '',
  account_number text,                           -- sealed
  account_hint   text not null default '',       -- its last digits
  template       text not null default '',       -- of what the box says; empty: the usual one
  lang           text not null default 'id',
  version        integer not null default 1,
  created_by     text not null,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now()
);

create table outlet (
  id          uuid primary key,                  -- in the shard of its merchant
  merchant_id uuid not null references merchant (id),
  name        text not null,
  address     text not null default '',
  city        text not null default '',
  active      boolean not null default true,
  version     integer not null default 1,
  created_by  text not null,
  created_at  timestamptz not null default now()
);
create index outlet_merchant on outlet (merchant_id, id);

create table terminal (
  id          uuid primary key,                  -- in the shard of its merchant
  merchant_id uuid not null references merchant (id),
  outlet_id   uuid not null references outlet (id),
  label       text not null,
  kind        text not null,                     -- static | dynamic
  tid         text not null,                     -- terminal label in its QR; one in a merchant
  active      boolean not null default true,
  version     integer not null default 1,
  created_by  text not null,
  created_at  timestamptz not null default now(),
  unique (merchant_id, tid)
);
create index terminal_outlet on terminal (outlet_id, id);

-- Plans are added and never changed: the newest that has begun holds, the merchant's own first.
create table fee_plan (
  id             bigint generated always as identity primary key,
  merchant_id    uuid references merchant (id),  -- null: of whoever has none of his own
  effective_from timestamptz not null,
  plan           jsonb not null,
  created_by     text not null,
  created_at     timestamptz not null default now()
);
create index fee_plan_merchant on fee_plan (merchant_id, effective_from);

create table bank_holiday (
  day  date primary key,
  name text not null
);

-- Everything that arrived with a good signature, before anybody worked on it.
create table qris_callback (
  id             bigint generated always as identity primary key,
  received_at    timestamptz not null default now(),
  sent_at        timestamptz not null,           -- the acquirer's timestamp
  signature      text not null,
  body           bytea not null,
  event_id       text,                           -- null: illegible
  result         text,                           -- applied | duplicate | parked; null: not worked on yet
  reason         text not null default '',
  transaction_id uuid,
  merchant_id    uuid,
  reviewed_by    text,
  review_note    text not null default '',
  reviewed_at    timestamptz
);
create index qris_callback_event on qris_callback (event_id);
create index qris_callback_open on qris_callback (id) where result is null;
create index qris_callback_parked on qris_callback (id)
  where result = 'parked' and reviewed_at is null;

create table soundbox_history (
  id     bigint generated always as identity primary key,
  at     timestamptz not null default now(),
  who    text not null,
  entity text not null,                          -- the table
  key    text not null,
  before jsonb,
  after  jsonb
);
create index soundbox_history_entity on soundbox_history (entity, key, id);

-- Secrets never get in: only that they changed.
create function soundbox_row_after() returns trigger language plpgsql as $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  is_now jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  named jsonb := coalesce(is_now, was);
begin
  insert into soundbox_history (who, entity, key, before, after)
  values (coalesce(nullif(current_setting('laju.who', true), ''), 'system'), tg_table_name,
          named ->> tg_argv[0], was - 'account_number',
          is_now - 'account_number' || case
            when was is not null and was -> 'account_number' <> is_now -> 'account_number'
            then '{"account_number_changed": true}'::jsonb else '{}'::jsonb end);
  perform laju_changed('soundbox', named ->> tg_argv[1]);
  return null;
end $$;

create trigger merchant_version before update on merchant
  for each row execute function catalogue_row_before();
create trigger outlet_version before update on outlet
  for each row execute function catalogue_row_before();
create trigger terminal_version before update on terminal
  for each row execute function catalogue_row_before();

create trigger merchant_history after insert or update or delete on merchant
  for each row execute function soundbox_row_after('id', 'id');
create trigger outlet_history after insert or update or delete on outlet
  for each row execute function soundbox_row_after('id', 'merchant_id');
create trigger terminal_history after insert or update or delete on terminal
  for each row execute function soundbox_row_after('id', 'merchant_id');
create trigger fee_plan_history after insert or update or delete on fee_plan
  for each row execute function soundbox_row_after('id', 'merchant_id');
create trigger bank_holiday_history after insert or update or delete on bank_holiday
  for each row execute function soundbox_row_after('day', 'none');
