-- A page of what clients were given on credit and paid back. Range scan of credit_entry_pkey.
select ref as place, status, transfer_id, user_id, kind, amount
  from credit_entry where ref > $1 order by ref limit $2
