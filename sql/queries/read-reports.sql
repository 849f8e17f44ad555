-- A page of what one party reported, without what was forged. Scan of callback_inbox_pkey.
select id, body from callback_inbox
 where party = $1 and id > $2 and verdict is distinct from 'forged' order by id limit $3
