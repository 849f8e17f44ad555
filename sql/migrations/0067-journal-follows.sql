-- A flush whose predecessor on its connection is not the one before it goes on where the journal
-- ends, or not at all: the last line of each of its shards is the one given. Two index probes a
-- shard, and only on the first flush of a connection and after a failure.
-- Locks: creates only.

create procedure journal_follows(shards smallint[], seqs bigint[]) language plpgsql as $$
declare
  broken smallint;
begin
  select ends.shard into broken
    from unnest(shards, seqs) as ends (shard, seq)
   where ends.seq <> coalesce(
     (select max(journal.seq) from journal where journal.shard = ends.shard), 0)
   limit 1;
  if broken is not null then
    raise exception 'laju: shard % does not end there', broken using errcode = 'LJ001';
  end if;
end $$;
