-- Limits of the Digiflazz dialect, whose api_key belongs to the client and not to a client_key:
-- from which addresses, and how often. A client_key has its own.
-- Locks: client, briefly (constant defaults, no rewrite).

alter table client
  add column ip_allow     text[] not null default '{}',
  add column rate_per_min integer not null default 60;      -- 0 = no limit
