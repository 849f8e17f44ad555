-- Refunds of rented numbers that need a second person: who asked, and who agreed.
-- Locks: creates only.

create table number_refund (
  order_id   uuid not null,
  amount     bigint not null check (amount > 0),
  reason     text not null check (reason <> ''),
  supplier   text check (supplier in ('charged', 'returned')),
  status     text not null check (status in ('waiting', 'agreed', 'rejected')),
  asked_by   uuid not null,
  asked_name text not null,
  asked_at   timestamptz not null default now(),
  second_by   uuid,
  second_name text,
  second_at   timestamptz,
  id         bigint generated always as identity primary key,
  check (second_by is null or second_by <> asked_by)
);
create unique index number_refund_waiting on number_refund (order_id) where status = 'waiting';
