-- The usual good way: relational rows, one stored function per step, row locks on the wallet.
-- Tuned as one would: room on the page for rows that change (HOT updates), no index that nothing
-- here reads, and no total on a house account that every order would have to lock (its balance is
-- the sum of its entries).

create table client (
  id      uuid primary key,
  api_key text not null unique,
  secret  text not null
);

create table product (
  code  text primary key,
  sku   text not null,
  price bigint not null
);

create table wallet (
  user_id uuid primary key references client (id),
  balance bigint not null,
  held    bigint not null default 0,
  constraint wallet_floor check (balance - held >= 0)
) with (fillfactor = 50);

create table orders (
  id          uuid primary key,
  user_id     uuid not null,
  ref         text not null,
  product     text not null,
  destination text not null,
  price       bigint not null,
  cost        bigint,
  status      text not null,           -- PROCESSING SUCCESS FAILED
  sn          text,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  unique (user_id, ref)
) with (fillfactor = 80);

create table entry (
  id         bigint generated always as identity primary key,
  order_id   uuid not null,
  kind       text not null,            -- hold | capture | release
  account    text not null,            -- wallet:<user> | sales
  debit      bigint not null,
  credit     bigint not null,
  after      bigint,                   -- available balance of the wallet afterwards
  created_at timestamptz not null default now()
);

-- Accepts an order, or finds the one that has this reference already.
create function order_place(
  new_id uuid, owner uuid, new_ref text, new_product text, new_destination text, new_price bigint
) returns table (
  outcome text, id uuid, status text, product text, destination text, price bigint, sn text,
  available bigint, created_at timestamptz
) language plpgsql as $$
declare
  remaining bigint;
begin
  insert into orders (id, user_id, ref, product, destination, price, status)
  values (new_id, owner, new_ref, new_product, new_destination, new_price, 'PROCESSING')
  on conflict on constraint orders_user_id_ref_key do nothing;

  if not found then
    return query
      select case when o.product = new_product and o.destination = new_destination
               then 'repeated' else 'collided' end,
             o.id, o.status, o.product, o.destination, o.price, o.sn, w.balance - w.held,
             o.created_at
        from orders o join wallet w on w.user_id = o.user_id
       where o.user_id = owner and o.ref = new_ref;
    return;
  end if;

  update wallet w set held = w.held + new_price
   where w.user_id = owner and w.balance - w.held >= new_price
   returning w.balance - w.held into remaining;
  if not found then
    raise exception 'insufficient balance' using errcode = 'BL402';
  end if;

  insert into entry (order_id, kind, account, debit, credit, after) values
    (new_id, 'hold', 'wallet:' || owner, new_price, 0, remaining),
    (new_id, 'hold', 'sales', 0, new_price, null);

  return query select 'accepted', new_id, 'PROCESSING', new_product, new_destination, new_price,
    null::text, remaining, now();
end $$;

-- Ends an order: the held money is captured, or given back. A second end changes nothing.
create function order_settle(order_id uuid, sold boolean, new_sn text, new_cost bigint)
returns boolean language plpgsql as $$
declare
  owner uuid;
  amount bigint;
  remaining bigint;
  word text := case when sold then 'capture' else 'release' end;
begin
  update orders o
     set status = case when sold then 'SUCCESS' else 'FAILED' end, sn = new_sn, cost = new_cost,
         updated_at = now()
   where o.id = order_id and o.status = 'PROCESSING'
   returning o.user_id, o.price into owner, amount;
  if not found then
    return false;
  end if;

  update wallet w
     set held = w.held - amount, balance = w.balance - case when sold then amount else 0 end
   where w.user_id = owner
   returning w.balance - w.held into remaining;

  insert into entry (order_id, kind, account, debit, credit, after) values
    (order_id, word, 'wallet:' || owner, case when sold then amount else 0 end,
      case when sold then 0 else amount end, remaining),
    (order_id, word, 'sales', case when sold then 0 else amount end,
      case when sold then amount else 0 end, null);
  return true;
end $$;
