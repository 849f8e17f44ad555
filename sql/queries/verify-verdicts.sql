-- A page of what persons decided about deposits. Range scan of deposit_verdict_pkey.
select id as place, status, intent_id, n, user_id, verdict, amount
  from deposit_verdict where id > $1 order by id limit $2
