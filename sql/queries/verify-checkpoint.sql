-- What recovery of one shard would start from.
select encode(hash, 'hex') as hash, claims from checkpoint where shard = $1
