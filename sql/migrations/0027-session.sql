-- People who logged in with a password: one row per login, which is also one family of refresh
-- tokens. No token is kept: which one is good is a number, and the rest of it is computed from the
-- master key. Wrong passwords are counted here, so that a restart forgets none of them.
-- Locks: client, briefly (an index over its few rows, and its triggers).

create table session (
  id          uuid primary key,
  client_id   uuid not null references client (id),
  generation  integer not null default 0,   -- of the refresh token that is good now
  address     text not null,                -- shortened
  agent       text not null,                -- shortened
  created_at  timestamptz not null,
  used_at     timestamptz not null,         -- when the refresh token was last renewed
  expires_at  timestamptz not null,
  revoked_at  timestamptz,
  revoked_why text                          -- logout | own | reuse | password | crowd
);
create index session_client on session (client_id);

-- Wrong passwords in a row, by account, by name that nobody has, and by address (hashed).
create table login_guard (
  key          text primary key,
  wrong        smallint not null,
  guessed_at   timestamptz not null,
  locked_until timestamptz
);
create index login_guard_age on login_guard (guessed_at);

-- Direct downlines of one client, oldest first.
create index client_downline on client (upline, id) where upline is not null;

create function laju_session_ended() returns trigger language plpgsql as $$
begin
  perform laju_changed('session', old.id::text);
  return null;
end $$;

create trigger session_ended after update of revoked_at on session
  for each row when (new.revoked_at is distinct from old.revoked_at)
  execute function laju_session_ended();
create trigger session_gone after delete on session
  for each row execute function laju_session_ended();

-- Whoever gets a new password is out of every session that the old one opened.
create function laju_password_changed() returns trigger language plpgsql as $$
begin
  update session set revoked_at = now(), revoked_why = 'password'
   where client_id = old.id and revoked_at is null;
  return null;
end $$;

create trigger client_password_changed after update of password_hash on client
  for each row when (new.password_hash is distinct from old.password_hash)
  execute function laju_password_changed();

-- A session's card holds its client's, besides the keys and names of 0005 and 0011.
create or replace function laju_client_changed() returns trigger language plpgsql as $$
begin
  perform laju_changed('client', old.username);
  perform laju_changed('client_key', id) from client_key where client_id = old.id;
  if old.member_id is not null then
    perform laju_changed('client_member', old.member_id);
  end if;
  perform laju_changed('session', id::text)
     from session where client_id = old.id and revoked_at is null;
  return null;
end $$;
