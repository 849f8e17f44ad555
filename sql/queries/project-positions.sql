-- Where the read models stand.
select shard, seq from projection where name = 'people'
