-- How far the read models are, per shard; in the same write as their rows. Only shards that still
-- stand where the writer believes are moved, so that a former process can not take them back.
with place as (
  select * from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as place (shard, seq, before)
), moved as (
  update projection set seq = place.seq
    from place
   where projection.name = 'people' and projection.shard = place.shard
     and projection.seq = place.before
  returning 1
), opened as (
  insert into projection (name, shard, seq)
  select 'people', shard, seq from place where before = 0
  on conflict (name, shard) do nothing
  returning 1
)
select (select count(*) from moved) + (select count(*) from opened) as moved
