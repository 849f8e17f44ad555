-- A page of refunds of rented numbers that needed two persons. The whole table, which is small: it
-- has no index by its number.
select id as place, status, order_id, amount
  from number_refund where id > $1 order by id limit $2
