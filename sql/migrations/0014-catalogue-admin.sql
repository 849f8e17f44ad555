-- The catalogue as something that people and price lists change: versions against two hands at
-- once, a history that no writer can forget, stock and hours per supplier, rules for one client and
-- for a category, prefixes that change owner on a date, price changes that wait for their time, and
-- what each synchronisation found.
-- Locks: product, supplier, mapping, price_rule and operator_prefix, each briefly (constant
-- defaults; the last two are rewritten for their new keys, which hold some hundred rows).

alter table product
  add column time_zone text not null default 'WIB'       -- WIB | WITA | WIT: whose clock cut-offs are
    check (time_zone in ('WIB', 'WITA', 'WIT')),
  add column version   integer not null default 1;
-- Codes are looked for whatever their case.
create index product_code_upper on product (upper(code));

-- Registers: an inactive one closes its products. Products name them; a name without a row is open.
create table brand (
  name    text primary key,
  active  boolean not null default true,
  version integer not null default 1
);
create table category (
  name    text primary key,
  active  boolean not null default true,
  version integer not null default 1
);
insert into brand (name) select distinct brand from product where brand <> '';
insert into category (name) select distinct category from product where category <> '';

alter table supplier
  add column version             integer not null default 1,
  add column sync_minutes        integer not null default 0,     -- 0: only by hand
  -- A price list that moves more than share_pct of our prices by more than move_pct, or switches
  -- off more than off_pct of what is on, waits for a person.
  add column guard_share_percent smallint not null default 20,
  add column guard_move_percent  smallint not null default 10,
  add column guard_off_percent   smallint not null default 20;

alter table mapping
  add column stock         bigint,                        -- null: unlimited; set by sync or by hand
  add column supplied      boolean not null default true, -- the supplier's word, as `active` is ours
  add column cut_off_start text,                          -- hh:mm on the product's clock
  add column cut_off_end   text,
  add column version       integer not null default 1;

-- user_id '': a rule for everybody of the level. Level 0 is also what all others fall back to.
alter table price_rule
  add column id      bigint generated always as identity unique,
  add column user_id text not null default '',
  add column tiers   jsonb,                    -- [{"up_to","percent_bp","fixed"}], by cost, or null
  add column version integer not null default 1,
  drop constraint price_rule_pkey,
  add primary key (user_id, level, scope, target);

-- The newest row that has begun decides; brand '' takes the prefix from its owner.
alter table operator_prefix
  add column id         bigint generated always as identity unique,
  add column valid_from timestamptz not null default '2000-01-01T00:00:00Z',
  add column version    integer not null default 1,
  drop constraint operator_prefix_pkey,
  add primary key (prefix, valid_from);

create table catalogue_history (
  id     bigint generated always as identity primary key,
  at     timestamptz not null default now(),
  who    text not null,                        -- a client's id, sync:<supplier>, schedule:<id>, system
  entity text not null,                        -- the table
  key    text not null,
  before jsonb,
  after  jsonb
);
create index catalogue_history_entity on catalogue_history (entity, key, id);

-- A write that changes nothing is none: no version, no history, no notification.
create function catalogue_row_before() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) = to_jsonb(old) then return null; end if;
  new.version := old.version + 1;
  return new;
end $$;

-- Secrets never get in: only that they changed.
create function catalogue_row_after() returns trigger language plpgsql as $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  is_now jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  named jsonb := coalesce(is_now, was);
begin
  insert into catalogue_history (who, entity, key, before, after)
  select coalesce(nullif(current_setting('laju.who', true), ''), 'system'), tg_table_name,
         (select string_agg(named ->> name, ' ' order by place)
            from unnest(tg_argv) with ordinality as part (name, place)),
         was - 'credentials',
         is_now - 'credentials' || case
           when was is not null and was -> 'credentials' <> is_now -> 'credentials'
           then '{"credentials_changed": true}'::jsonb else '{}'::jsonb end;
  return null;
end $$;

create trigger product_version before update on product
  for each row execute function catalogue_row_before();
create trigger brand_version before update on brand
  for each row execute function catalogue_row_before();
create trigger category_version before update on category
  for each row execute function catalogue_row_before();
create trigger supplier_version before update of code, name, adapter, base_url, credentials,
  timeout_ms, max_in_flight, recheck_after_ms, active, sync_minutes, guard_share_percent,
  guard_move_percent, guard_off_percent on supplier
  for each row execute function catalogue_row_before();
create trigger mapping_version before update on mapping
  for each row execute function catalogue_row_before();
create trigger price_rule_version before update on price_rule
  for each row execute function catalogue_row_before();
create trigger operator_prefix_version before update on operator_prefix
  for each row execute function catalogue_row_before();

create trigger product_history after insert or update or delete on product
  for each row execute function catalogue_row_after('code');
create trigger brand_history after insert or update or delete on brand
  for each row execute function catalogue_row_after('name');
create trigger category_history after insert or update or delete on category
  for each row execute function catalogue_row_after('name');
create trigger supplier_history after insert or delete or update of code, name, adapter, base_url,
  credentials, timeout_ms, max_in_flight, recheck_after_ms, active, sync_minutes,
  guard_share_percent, guard_move_percent, guard_off_percent on supplier
  for each row execute function catalogue_row_after('code');
create trigger mapping_history after insert or update or delete on mapping
  for each row execute function catalogue_row_after('product_code', 'supplier_code');
create trigger price_rule_history after insert or update or delete on price_rule
  for each row execute function catalogue_row_after('id');
create trigger operator_prefix_history after insert or update or delete on operator_prefix
  for each row execute function catalogue_row_after('id');

create trigger brand_changed after insert or update or delete on brand
  for each row execute function laju_table_changed();
create trigger category_changed after insert or update or delete on category
  for each row execute function laju_table_changed();

-- Changes of rules that wait for their time; what is here survives every restart.
create table price_change (
  id         bigint generated always as identity primary key,
  starts_at  timestamptz not null,
  note       text not null default '',
  state      text not null default 'scheduled',  -- scheduled | applied | cancelled
  changes    jsonb not null,                     -- [{"op": "put" | "remove", "rule": {...}}]
  preview    jsonb not null,                     -- as it was when saved
  created_by text not null,
  created_at timestamptz not null default now(),
  closed_by  text,
  closed_at  timestamptz
);
create index price_change_due on price_change (starts_at) where state = 'scheduled';

-- One row per asking of a supplier's price list. `asked_at` of the newest is what the next one has
-- to keep its distance from.
create table price_sync (
  id            bigint generated always as identity primary key,
  supplier_code text not null references supplier (code),
  asked_at      timestamptz not null default now(),
  asked_by      text not null,
  outcome       text not null default 'asked',
                -- asked | unchanged | applied | proposed | accepted | rejected | superseded | failed
  reason        text,                            -- why it failed, or what the guard saw
  counts        jsonb not null default '{}',
  changes       jsonb not null default '[]',     -- [{product, before, after}]
  decided_by    text,
  decided_at    timestamptz
);
create index price_sync_supplier on price_sync (supplier_code, id desc);
