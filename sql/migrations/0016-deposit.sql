-- Money that comes in by bank: what was asked, what the bank told, and who decided. The money itself
-- moves in the journal only; these rows say why it moved, and from each row follows the reference
-- under which the journal knows the movement once.
-- Locks: creates only.

-- Limits of the house; one row.
create table money_rule (
  one               boolean primary key default true check (one),
  ticket_min        bigint not null default 10000,
  ticket_max        bigint not null default 100000000,
  ticket_hours      smallint not null default 6,
  cool_hours        smallint not null default 48,        -- an amount rests after its ticket ended
  manual_max        bigint not null default 5000000,     -- above it, two people a day
  transfer_min      bigint not null default 1000,
  transfer_day_max  bigint not null default 50000000     -- per sender and day in Asia/Jakarta
);
insert into money_rule default values;

-- Where clients pay in.
create table bank_account (
  code   text primary key,
  bank   text not null,
  number text not null unique,
  holder text not null,
  active boolean not null default true
);

-- Who tells us what happened on them.
create table bank_feed (
  code           text primary key,                       -- moota
  base_url       text not null,
  token          text,                                   -- sealed; null: not polled
  webhook_secret text,                                   -- sealed; null: no webhook
  poll_minutes   smallint not null default 10,
  active         boolean not null default true
);

create table deposit_ticket (
  id          uuid primary key,                          -- UUIDv7: by id is by time
  user_id     uuid not null references client (id),
  account     text not null references bank_account (code),
  base        bigint not null,
  amount      bigint not null,                           -- base and the unique code, 1 to 999
  status      text not null default 'open',              -- open | matched | paid | cancelled
  held        boolean not null default true,             -- nobody else may get this amount
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  closed_at   timestamptz,
  transfer_id uuid,
  check (amount - base between 1 and 999)
);
create unique index deposit_ticket_held on deposit_ticket (account, amount) where held;
create index deposit_ticket_user on deposit_ticket (user_id, id);

-- What a feed delivered, verified and stored before it is understood.
create table bank_inbox (
  id          bigint generated always as identity primary key,
  feed        text not null,
  received_at timestamptz not null,
  body        text not null,
  verdict     text                                       -- null while nobody has understood it
);
create index bank_inbox_unread on bank_inbox (id) where verdict is null;

create table bank_mutation (
  id          bigint generated always as identity primary key,
  account     text references bank_account (code),       -- null: not one of ours
  number      text not null,
  bank_ref    text unique,                               -- the feed's own id
  content     text not null unique,                      -- fingerprint of what the bank says
  happened_at timestamptz,                               -- null: the bank tells the day only
  day         date,
  direction   text not null,                             -- in | out
  told_amount text not null,
  amount      bigint,                                    -- null: not whole rupiah
  told_balance text,
  description text not null,
  source      text not null,                             -- webhook | poll | import
  seen_at     timestamptz not null,
  status      text not null default 'new',   -- new | matched | suspense | assigned | credited | returned
  reason      text,                                      -- why it waits for a person
  ticket_id   uuid references deposit_ticket (id),
  user_id     uuid references client (id),
  decided_by  uuid,
  decided_why text,
  decided_at  timestamptz,
  transfer_id uuid
);
create index bank_mutation_open on bank_mutation (status, id)
  where status in ('new', 'matched', 'assigned', 'suspense');

create table manual_deposit (
  id          uuid primary key,
  ref         text not null unique,
  user_id     uuid not null references client (id),
  amount      bigint not null check (amount > 0),
  note        text not null,
  status      text not null,                             -- waiting | approved | paid | rejected
  asked_by    uuid not null references client (id),
  second_by   uuid references client (id),
  asked_at    timestamptz not null,
  second_at   timestamptz,
  transfer_id uuid,
  check (second_by <> asked_by or status = 'rejected')
);
create index manual_deposit_open on manual_deposit (id) where status in ('waiting', 'approved');
create index manual_deposit_asker on manual_deposit (asked_by, asked_at);
