-- A page of what acquirers told and were answered as taken. Range scan of qris_callback_pkey.
select id as place, result, transaction_id, merchant_id, event_id, encode(body, 'hex')
  from qris_callback
 where id > $1 and result in ('applied', 'duplicate') order by id limit $2
