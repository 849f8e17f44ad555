-- An owner's hand on his clients, and finding an order by the number that was topped up: what was
-- changed by whom and why, a version against two who change at once, and a rate of its own for
-- reading. Whoever holds a client's card in memory hears of every change (channel of 0005).
-- Locks: client and client_key briefly (no rewrite); order_view against writes while its index is
-- built, some four seconds per million orders.

alter table client
  add column version      integer not null default 1,
  add column read_per_min integer;                    -- null: twice the rate of orders; 0 = no limit
alter table client_key
  add column read_per_min integer;

create table client_change (
  id         bigint generated always as identity primary key,
  client_id  uuid not null references client (id),
  what       text not null,       -- created | changed | suspended | active | closed
  reason     text not null,       -- empty where nobody has to say why
  fields     jsonb not null,      -- what it is now, of what was changed
  by         text not null,       -- a username, or who sat at the command line
  changed_at timestamptz not null default now()
);
create index client_change_client on client_change (client_id, id);

-- Costs some ten microseconds per order. Half of that was for the row's later change, which leaves
-- this index alone where the new row finds room beside the old one: hence the fillfactor.
create index order_view_destination on order_view (destination, id);
alter table order_view set (fillfactor = 70);

-- After the lines of 0005 in the same write, so that who hears this has heard of every card.
create function laju_client_standing() returns trigger language plpgsql as $$
begin
  perform laju_changed('client_standing', old.id::text);
  return null;
end $$;

create trigger client_standing after update on client
  for each row execute function laju_client_standing();
