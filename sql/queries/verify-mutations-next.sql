-- The next movements of the shard that is open.
fetch 5000 from verify_mutations
