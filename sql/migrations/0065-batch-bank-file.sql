-- That a bank's file names a batch, in its row: who fetched the first one, and when. The journal says
-- so since batches know of their file; rows of batches that were given before this one do not.
-- Locks: settlement_view for a moment.

alter table settlement_view
  add column given_by text,                      -- null: in no bank's file yet
  add column given_at timestamptz;
