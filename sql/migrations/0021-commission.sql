-- What uplines earn of the orders below them: the rules, how far the journal has been read for it,
-- and each commission as it was agreed when the order was delivered. And no ring of uplines: who
-- writes one, here or by hand, is refused.
-- Locks: client briefly, for its trigger; reads the journal's last places.

create table commission_rule (
  id      bigint generated always as identity primary key,
  scope   text not null check (scope in ('product', 'category', 'default')),
  target  text not null default '',
  levels  jsonb not null,                  -- [{"percent_bp", "fixed"}], the nearest upline first
  beyond  text not null default 'none'     -- what levels after the given ones get
    check (beyond in ('none', 'last')),
  depth   smallint,                        -- how many levels at most; null: no limit of its own
  active  boolean not null default true,
  version integer not null default 1,
  unique (scope, target)
);
create trigger commission_rule_version before update on commission_rule
  for each row execute function catalogue_row_before();
create trigger commission_rule_history after insert or update or delete on commission_rule
  for each row execute function catalogue_row_after('id');

-- Lines up to here are in commission_entry, as far as anybody earns of them.
create table commission_position (
  shard smallint primary key,
  seq   bigint not null
);
-- Orders from before there were commissions earn none.
insert into commission_position (shard, seq) select shard, max(seq) from journal group by shard;

-- One row per order and level. The amount is never worked out again.
create table commission_entry (
  shard      smallint not null,            -- of the order
  order_id   uuid not null,
  level      smallint not null,            -- 1: who brought the buyer
  id         bigint generated always as identity unique,
  user_id    uuid not null,                -- who earns it
  buyer_id   uuid not null,
  product    text not null,
  margin     bigint not null,              -- what the order left: price less cost
  amount     bigint not null check (amount > 0),
  rule       jsonb not null,               -- what was agreed: {"id", "version", "percent_bp", …}
  refunded   boolean not null default false,
  state      text not null default 'due' check (state in ('due', 'paid', 'reversed')),
  kept       bigint not null default 0,    -- of the amount: paid what he owed
  owed       bigint not null default 0,    -- of what was taken back: the wallet did not have it
  created_at timestamptz not null,
  paid_at    timestamptz,
  back_at    timestamptz,
  primary key (shard, order_id, level)
);
create index commission_entry_user on commission_entry (user_id, id desc);
create index commission_entry_open on commission_entry (id)
  where state = 'due' or (state = 'paid' and refunded);

-- Whoever sets an upline waits for others who do: two half rings do not slip past each other.
create function client_upline_is_no_ring() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7226, 1);
  if exists (
    with recursive above (id) as (
      select new.upline
      union
      select client.upline from above join client on client.id = above.id
       where client.upline is not null
    )
    select from above where id = new.id
  ) then
    raise exception 'laju: a ring of uplines' using errcode = 'LJ002';
  end if;
  return null;
end $$;
create trigger client_upline_insert after insert on client
  for each row when (new.upline is not null) execute function client_upline_is_no_ring();
create trigger client_upline_update after update of upline on client
  for each row when (new.upline is not null and new.upline is distinct from old.upline)
  execute function client_upline_is_no_ring();
