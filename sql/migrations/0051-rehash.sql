-- The same password under a newer hash is no new password: its sessions go on. Who writes such a
-- hash says so in his own write (setting laju.rehash).
-- Locks: none.

create or replace function laju_password_changed() returns trigger language plpgsql as $$
begin
  if current_setting('laju.rehash', true) = 'on' then return null; end if;
  update session set revoked_at = now(), revoked_why = 'password'
   where client_id = old.id and revoked_at is null;
  return null;
end $$;
