-- The last statement of a flush: rows of the journal in our CSV dialect (see sql/copy.ts).
copy journal (shard, seq, actor, hash, body) from stdin
