-- Keys of a shard's actors, a page at a time. Index-only scan of journal_actor.
select distinct actor from journal where shard = $1 and actor > $2 order by actor limit $3
