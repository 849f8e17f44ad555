-- A page of what clients sent one another. Range scan of transfer_request_pkey.
select user_id || ' ' || ref as place, status, transfer_id, user_id, ref, to_user, amount
  from transfer_request
 where (user_id, ref) > (substr($1, 1, 36)::uuid, substr($1, 38))
 order by user_id, ref limit $2
