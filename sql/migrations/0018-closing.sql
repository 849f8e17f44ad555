-- The book of each day, closed for ever: a statement, its hash, which the next day's statement
-- names, and its signature. Never updated, never deleted.
-- Locks: creates only.

create table closing (
  day       date primary key,
  statement text not null,
  hash      text not null,
  signature text not null,               -- Ed25519 over the statement
  signer    text not null,               -- its public key
  closed_at timestamptz not null
);
