-- Tells every process at once, on channel laju_changed, what another one changed: a revoked key
-- must stop within a second, and a new price must be compiled. One line of JSON each:
-- {"table":"client_key","key":"lk_..."}. Key null: of clients, that there are new ones; of the
-- catalogue, that something changed.
-- Cards name their row. Catalogue tables only say that they changed; Postgres drops equal lines of
-- one write, so a synchronised price list of thousands of rows is one line.
-- Locks: each table briefly, for its triggers.

create function laju_changed(changed_table text, changed_key text) returns void language sql as $$
  select pg_notify(
    'laju_changed', json_build_object('table', changed_table, 'key', changed_key)::text)
$$;

create function laju_table_changed() returns trigger language plpgsql as $$
begin
  perform laju_changed(tg_table_name, null);
  return null;
end $$;

-- A client's card is held under its username, and under each of its keys.
create function laju_client_changed() returns trigger language plpgsql as $$
begin
  perform laju_changed('client', old.username);
  perform laju_changed('client_key', id) from client_key where client_id = old.id;
  return null;
end $$;

create function laju_client_key_changed() returns trigger language plpgsql as $$
begin
  perform laju_changed('client_key', old.id);
  return null;
end $$;

create trigger client_changed after update or delete on client
  for each row execute function laju_client_changed();
create trigger client_key_changed after update or delete on client_key
  for each row execute function laju_client_key_changed();

-- New rows: whoever remembers "no such client" forgets it.
create trigger client_appeared after insert on client
  for each statement execute function laju_table_changed();
create trigger client_key_appeared after insert on client_key
  for each statement execute function laju_table_changed();

create trigger product_changed after insert or update or delete on product
  for each row execute function laju_table_changed();
create trigger supplier_changed after insert or update or delete on supplier
  for each row execute function laju_table_changed();
create trigger mapping_changed after insert or update or delete on mapping
  for each row execute function laju_table_changed();
create trigger price_rule_changed after insert or update or delete on price_rule
  for each row execute function laju_table_changed();
create trigger operator_prefix_changed after insert or update or delete on operator_prefix
  for each row execute function laju_table_changed();
create trigger product_emptied after truncate on product
  for each statement execute function laju_table_changed();
create trigger supplier_emptied after truncate on supplier
  for each statement execute function laju_table_changed();
create trigger mapping_emptied after truncate on mapping
  for each statement execute function laju_table_changed();
create trigger price_rule_emptied after truncate on price_rule
  for each statement execute function laju_table_changed();
create trigger operator_prefix_emptied after truncate on operator_prefix
  for each statement execute function laju_table_changed();
