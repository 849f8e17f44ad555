-- All lines of some actors of one shard, each actor's oldest first. Probes of journal_actor.
select lpad(to_hex(actor), 16, '0') as key, seq, body
  from journal where shard = $1 and actor = any ($2::bigint[]) order by actor, seq
