-- What is kept only for so long is found by its age without reading what is kept on, and a message
-- can be deleted without reading every order that came by chat.
-- Locks: supplier_flight, chat_order and complaint, as long as each index is built.

create index supplier_flight_settled on supplier_flight (released_at)
  where released_at is not null;
create index chat_order_inbox on chat_order (inbox_id);
create index complaint_inbox on complaint (inbox_id) where inbox_id is not null;
