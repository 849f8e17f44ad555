-- Bills: the fee that a customer is asked for, as price lists show it; tokens in lists of orders;
-- and what was inquired under a reference, for dialects that pay by the reference alone (over REST
-- the client carries the token itself). None of it is truth: which order paid what, and what for,
-- is in the journal.
-- Locks: product and bulk_row for a moment; constant defaults rewrite nothing.

alter table product add column admin_fee bigint not null default 0;
alter table bulk_row add column inquiry_token text;

create table bill_inquiry (
  client_id uuid not null,
  ref       text not null,
  token     text not null,              -- sealed; says for whom, what, how much and until when
  ends_at   timestamptz not null,
  primary key (client_id, ref)
);
create index bill_inquiry_end on bill_inquiry (ends_at);
