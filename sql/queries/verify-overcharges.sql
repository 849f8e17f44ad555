-- A page of orders that cost more than was agreed. Range scan of overcharge_pkey.
select id as place, supplier, agreed, charged
  from overcharge where id > $1 order by id limit $2
