-- Attempts at suppliers that do not find an order by our reference: written before the purchase
-- leaves, with the supplier's own id as soon as it is known. Where orders could not be told apart
-- only one is out at a time, which the database itself guards, also over a crash.
-- Locks: none (a new table).

create table supplier_flight (
  supplier       text not null,
  ref            text not null,                -- our reference of the attempt
  sku            text not null,
  dest           text not null,
  max_price      bigint not null,
  lane           text,                         -- orders in one lane look alike; null: they never do
  their_id       text,
  taken_at       timestamptz not null,
  released_at    timestamptz,                  -- settled: the lane is free
  bought_nothing boolean not null default false,  -- certainly; so it has no id that we miss
  primary key (supplier, ref)
);

create unique index supplier_flight_out
  on supplier_flight (supplier, lane) where released_at is null and lane is not null;
create unique index supplier_flight_their_id
  on supplier_flight (supplier, their_id) where their_id is not null;
create index supplier_flight_lane
  on supplier_flight (supplier, lane, taken_at) where lane is not null;
