-- A page of what gateways are said to have paid out. Range scan of gateway_payout_pkey.
select id as place, status, transfer_id, gateway, ref, amount, fee, fee_transfer_id
  from gateway_payout where id > $1 order by id limit $2
