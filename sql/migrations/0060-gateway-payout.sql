-- What gateways paid out to us, as persons noted it: once for each reference of a gateway. The money
-- itself moves in the journal, under a key computed from the reference.
-- Locks: creates only.

create table gateway_payout (
  id              bigint generated always as identity primary key,
  gateway         text not null references payment_gateway (code),
  ref             text not null,                         -- as the gateway or the bank calls it
  amount          bigint not null check (amount > 0),    -- what reached our bank
  fee             bigint not null check (fee >= 0),      -- what the gateway kept of it
  day             date not null,                         -- on which it was paid out, in Asia/Jakarta
  status          text not null default 'taken' check (status in ('taken', 'done')),
  noted_by        uuid not null,
  noted_at        timestamptz not null,
  transfer_id     uuid,
  fee_transfer_id uuid,
  unique (gateway, ref)
);
create index gateway_payout_open on gateway_payout (id) where status = 'taken';
create index gateway_payout_newest on gateway_payout (gateway, id);
