-- The last statement of a flush: rows of the journal as a binary COPY stream.
copy journal (shard, seq, actor, hash, body) from stdin
