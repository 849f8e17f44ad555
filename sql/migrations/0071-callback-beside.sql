-- The payment that a callback names and is not the money of: another sum, a second payer, another
-- merchant. A person books it beside that payment, as one of its own; it is written with his
-- decision, so that what is carried out after a crash is the same.
-- Locks: qris_callback, for the moment of adding a column.

alter table qris_callback add column beside_id uuid;  -- null: it names no payment
