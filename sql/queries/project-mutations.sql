-- Movements of wallets (see sql/copy.ts).
copy mutation (shard, user_id, seq, leg, direction, amount, balance_before, balance_after, kind,
               reference_id, note, created_at) from stdin
