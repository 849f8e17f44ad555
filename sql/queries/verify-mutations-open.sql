-- One shard's wallet movements in the order of the journal. No index has that order, so Postgres
-- sorts them once, on disk when they are many.
declare verify_mutations no scroll cursor for
select seq, leg, user_id, direction, amount, balance_before, balance_after, kind, reference_id,
       (date_part('epoch', created_at) * 1000)::bigint as created_ms, note
  from mutation where shard = $1 order by seq, leg, user_id
