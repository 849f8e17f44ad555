-- A page of what banks told, and what came of it. Range scan of bank_mutation_pkey.
select id as place, status, transfer_id, user_id, amount, ticket_id, reason
  from bank_mutation where id > $1 order by id limit $2
