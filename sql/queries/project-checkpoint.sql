-- How far the read models are, per shard; in the same write as their rows.
insert into projection (name, shard, seq)
select 'people', * from unnest($1::smallint[], $2::bigint[])
on conflict (name, shard) do update set seq = excluded.seq
