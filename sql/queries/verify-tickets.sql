-- A page of tickets that clients pay by bank. Range scan of deposit_ticket_pkey.
select id as place, status, transfer_id, user_id, amount
  from deposit_ticket where id > $1 order by id limit $2
