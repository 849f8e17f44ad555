-- A page of what persons brought into wallets and floats. Range scan of manual_deposit_pkey.
select id as place, status, transfer_id, kind, user_id, supplier, raises, against, amount
  from manual_deposit where id > $1 order by id limit $2
