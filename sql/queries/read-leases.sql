-- Who holds the shards now. 256 rows, one page or two.
select shard, epoch, holder from lease order by shard
