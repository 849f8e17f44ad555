-- The books of all closed days, oldest first. Plan: closing_pkey, a row per day.
select day::text as day, statement, hash, signature, signer from closing order by closing.day
