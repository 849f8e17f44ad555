-- People who come by themselves: an e-mail that was proven, links that are sent to it (hashed), mails
-- on their way, second factors of staff, what somebody did, and bans that end by themselves. Who asks
-- to be forgotten loses what names him; his id stays, for the ledger hangs on it.
-- Locks: client briefly (columns over its rows, no rewrite).

alter table client
  add column phone             text,
  add column email_verified_at timestamptz,
  add column erased_at         timestamptz;

-- Single use. What opens it is in the mail only.
create table email_link (
  hash       text primary key,            -- sha-256 of the word in the link
  client_id  uuid not null references client (id),
  purpose    text not null,               -- verify | reset
  email      text not null,               -- to which it was sent
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at    timestamptz
);
create index email_link_client on email_link (client_id);

-- Sealed while it waits, for it may hold a link; nothing of it is left when it went.
create table mail (
  id         uuid primary key,
  client_id  uuid references client (id),
  kind       text not null,
  sealed     text,
  state      text not null default 'waiting',   -- waiting | sent | dead | withdrawn
  attempts   smallint not null default 0,
  due_at     timestamptz not null,
  problem    text,
  created_at timestamptz not null,
  ended_at   timestamptz
);
create index mail_due on mail (due_at) where state = 'waiting';
create index mail_client on mail (client_id) where state = 'waiting';

create table totp (
  client_id    uuid primary key references client (id),
  secret       text not null,             -- sealed
  created_at   timestamptz not null,
  confirmed_at timestamptz,               -- null: not yet asked for at login
  last_step    bigint not null default 0  -- a code serves once
);

create table recovery_code (
  client_id uuid not null references client (id),
  hash      text not null,
  used_at   timestamptz,
  primary key (client_id, hash)
);

create table activity (
  id        bigint generated always as identity primary key,
  client_id uuid not null references client (id),
  what      text not null,
  address   text not null,                -- shortened
  details   jsonb not null,
  at        timestamptz not null
);
create index activity_client on activity (client_id, id);

-- On top of a suspension: why, and until when.
create table client_ban (
  client_id  uuid primary key references client (id),
  reason     text not null,
  until      timestamptz,                 -- null: until somebody lifts it
  by         text not null,
  created_at timestamptz not null
);
create index client_ban_until on client_ban (until) where until is not null;
