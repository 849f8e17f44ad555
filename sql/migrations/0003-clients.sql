-- Who may ask, and with which keys. Secrets are sealed with the master key (AES-256-GCM); what only
-- has to be compared is hashed.
-- Locks: creates only.

create table client (
  id            uuid primary key,      -- UUIDv7 with the shard inside
  username      text not null unique,
  name          text not null,
  level         smallint not null default 0,
  role          text not null default 'reseller',
  status        text not null default 'active',   -- active | suspended | closed
  upline        uuid references client (id),
  api_key       text,                  -- sealed; the Digiflazz dialect signs with it
  member_id     text unique,
  pin_hash      text,
  password_hash text,
  created_at    timestamptz not null default now()
);

create table client_key (
  id           text primary key,
  client_id    uuid not null references client (id),
  secret       text not null,          -- sealed
  ip_allow     text[] not null default '{}',
  rate_per_min integer not null default 60,      -- 0 = no limit
  active       boolean not null default true,
  created_at   timestamptz not null default now()
);
create index client_key_client on client_key (client_id);
