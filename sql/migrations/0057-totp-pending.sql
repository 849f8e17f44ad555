-- An authenticator that is being set up does not yet replace the one before: what is asked for at
-- login is `secret`, null until the first was confirmed.
-- Locks: totp briefly (a new table).

alter table totp
  add column pending text,               -- sealed
  alter column secret drop not null;
update totp set pending = secret, secret = null where confirmed_at is null;
