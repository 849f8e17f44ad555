-- Proofs of sound are deleted when their days are over: rows come in order of time, so an index
-- over ranges of them is enough.
-- Locks: sound_proof against writes while the index is built, an instant per million rows.

create index sound_proof_queued on sound_proof using brin (queued_at);
