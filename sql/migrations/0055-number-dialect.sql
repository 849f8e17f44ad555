-- The handler_api.php protocol, spoken by us: its clients prove themselves with an API key alone, and
-- call orders and countries by numbers.
-- Locks: creates only.

-- Which client an API key is of. Filled as keys are met: `sealed` says of which state of the client.
create table client_api_key (
  hash       text primary key,            -- keyed hash of the key
  client_id  uuid not null unique references client (id),
  sealed     text not null                -- md5 of the sealed key it was made of
);

create table number_dialect_order (
  user_id   uuid not null,
  n         bigint not null,
  order_id  uuid not null,
  primary key (user_id, n),
  unique (user_id, order_id)
);

-- Countries that the protocol has no number for.
create table number_dialect_country (
  country text primary key,
  n       integer not null unique
);
