-- What was sold: how much of a supplier's stock since its number was last said, and which serial
-- numbers a supplier gave. Both are followed from the journal; `sold_position` says how far.
-- Orders that were delivered before this migration are not looked at again.
-- Locks: mapping briefly, for its trigger.

create table sold_position (
  shard smallint primary key,
  seq   bigint not null
);
insert into sold_position (shard, seq) select shard, seq from projection where name = 'people';

-- One row for each mapping whose stock is a number. `since` moves whenever the number is said, also
-- when it is the same: the supplier's list counts what is left.
create table stock_count (
  product_code  text not null,
  supplier_code text not null,
  since         timestamptz not null default clock_timestamp(),
  used          bigint not null default 0,        -- delivered since
  primary key (product_code, supplier_code)
);
insert into stock_count (product_code, supplier_code)
select product_code, supplier_code from mapping where stock is not null;

create function laju_stock_said() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    delete from stock_count
     where product_code = old.product_code and supplier_code = old.supplier_code;
  elsif new.stock is null then
    delete from stock_count
     where product_code = new.product_code and supplier_code = new.supplier_code;
  elsif tg_op = 'INSERT' or new.stock is distinct from old.stock then
    insert into stock_count (product_code, supplier_code)
    values (new.product_code, new.supplier_code)
    on conflict (product_code, supplier_code)
    do update set since = clock_timestamp(), used = 0;
  end if;
  return null;
end $$;

create trigger mapping_stock after insert or update or delete on mapping
  for each row execute function laju_stock_said();
create trigger stock_count_changed after insert or delete or update of since on stock_count
  for each row execute function laju_table_changed();

-- Whose serial number it was: 62 bits out of supplier and what is left of the number without case,
-- spaces and punctuation. Whether a number was ever here is known in memory; this is read whole at a
-- start, and asked for one number only when it may have been here. So it has no tree to keep.
create table serial (
  key bigint not null,
  id  uuid not null,                              -- of the order
  at  timestamptz not null                        -- when it was delivered with it
);
create index serial_sought on serial
  using brin (key int8_bloom_ops (n_distinct_per_range = 4000, false_positive_rate = 0.001), at)
  with (pages_per_range = 28, autosummarize = on);

-- Orders that were delivered with the serial number of an earlier one, for a person to look at.
create table duplicate_sn (
  id        uuid primary key,                     -- of the later order
  first_id  uuid not null,
  supplier  text not null,
  sn        text not null,
  found_at  timestamptz not null default now(),
  closed_at timestamptz,
  closed_by text,
  reason    text
);
create index duplicate_sn_open on duplicate_sn (id) where closed_at is null;
