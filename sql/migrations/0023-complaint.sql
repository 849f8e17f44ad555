-- Complaints, whichever way they came: one for each order, what was known when it was opened, and
-- what was said. A word of staff is `told` when the client's server and chat have it in their
-- queues. Complaints by chat move here; of several about one order the last is kept, with all words.
-- Locks: creates; drops chat_complaint when its rows are here.

create table complaint (
  id          bigint generated always as identity primary key,
  trx_id      uuid not null unique,
  user_id     uuid not null references client (id),
  ref         text not null,
  product     text not null,
  destination text not null,
  reason      text not null,         -- not_received | wrong_serial | wrong_amount | too_slow | other
  state       text not null default 'open',         -- open | answered | upheld | rejected
  evidence    jsonb,                 -- the order as it was then, and whether its supplier was asked
  inbox_id    bigint references chat_inbox (id),    -- null when it did not come by chat
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);
create index complaint_user on complaint (user_id, id);
create index complaint_state on complaint (state, id);

create table complaint_message (
  id           bigint generated always as identity primary key,
  complaint_id bigint not null references complaint (id),
  author       text not null,        -- client | staff
  kind         text not null,        -- message | answered | upheld | rejected
  by           text not null,        -- the id of whoever wrote it
  text         text not null,
  told         boolean not null,
  at           timestamptz not null default now()
);
create index complaint_message_complaint on complaint_message (complaint_id, id);
create index complaint_message_untold on complaint_message (id) where not told;

insert into complaint
  (trx_id, user_id, ref, product, destination, reason, state, inbox_id, created_at, updated_at)
select distinct on (former.trx_id) former.trx_id, former.user_id, coalesce(order_view.ref, ''),
       coalesce(order_view.product, ''), coalesce(order_view.destination, ''), 'other',
       case former.state when 'open' then 'open' else 'answered' end, inbox_id,
       former.created_at, coalesce(closed_at, former.created_at)
  from chat_complaint as former left join order_view on order_view.id = former.trx_id
 order by former.trx_id, former.id desc;

insert into complaint_message (complaint_id, author, kind, by, text, told, at)
select complaint.id, 'staff', 'answered', former.closed_by, former.answer, true, former.closed_at
  from chat_complaint as former join complaint using (trx_id)
 where former.state = 'closed'
 order by former.id;

drop table chat_complaint;
