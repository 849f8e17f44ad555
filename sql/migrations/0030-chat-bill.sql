-- Bills that were told in a chat: what the one who reads there may pay, and by which inquiry.
-- Written together with the answer that tells it, so that nobody pays an amount he was not told.
-- Locks: creates only.

create table chat_bill (
  gateway     text not null references chat_gateway (name),
  address     text not null,
  product     text not null,
  destination text not null,         -- as the catalogue reads it
  client_id   uuid not null references client (id),
  token       text not null,         -- the sealed inquiry
  told_in     text not null,         -- chat_outbox.about of the answer
  ends_at     timestamptz not null,
  primary key (gateway, address, product, destination)
);
create index chat_bill_end on chat_bill (ends_at);
