-- A flush that also moves the checkpoints of some shards: the same write covers both.
with appended as materialized (select journal_append($1, $2, $3, $4, $5, $6, $7) as lines)
select lines, journal_checkpoint($8::jsonb) from appended
