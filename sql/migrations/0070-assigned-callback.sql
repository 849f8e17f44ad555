-- A person's decision at which terminal the money of a parked callback came in. It is written here
-- before anything is booked, so that a crash in between leaves a decision that is carried out.
-- Locks: qris_callback, for the moment of adding a column, and against writing while the index is
-- built over what was decided so, which is nothing yet.

alter table qris_callback add column terminal_id uuid;  -- null: no person said so

create index qris_callback_assigned on qris_callback (reviewed_at) where terminal_id is not null;
