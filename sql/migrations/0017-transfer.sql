-- Money between wallets of one tree: wrong PINs, allowances, what was asked; and credit. The money
-- itself moves in the journal, under a key computed from the reference.
-- Locks: creates only.

-- Wrong PINs in a row; five lock until an admin unlocks.
create table pin_guard (
  user_id uuid primary key references client (id),
  wrong   smallint not null
);

create table transfer_limit (
  user_id uuid primary key references client (id),
  day_max bigint not null
);

create table transfer_request (
  user_id     uuid not null references client (id),
  ref         text not null,
  to_user     uuid not null references client (id),
  amount      bigint not null,
  day         date not null,
  status      text not null,                             -- taken | sent | refused
  transfer_id uuid,
  created_at  timestamptz not null,
  primary key (user_id, ref)
);
create index transfer_request_day on transfer_request (user_id, day);

-- What a client may have on credit, and has.
create table credit_line (
  user_id uuid primary key references client (id),
  "limit" bigint not null check ("limit" >= 0),
  used    bigint not null default 0 check (used >= 0)
);

create table credit_entry (
  ref         text primary key,
  user_id     uuid not null references client (id),
  kind        text not null,                             -- given | cash | wallet (paid back)
  amount      bigint not null check (amount > 0),
  note        text not null,
  status      text not null default 'taken',             -- taken | done | refused
  by          uuid not null references client (id),
  created_at  timestamptz not null,
  transfer_id uuid
);
create index credit_entry_open on credit_entry (ref) where status = 'taken';
