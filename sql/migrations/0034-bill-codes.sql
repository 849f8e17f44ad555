-- By which codes a partner of the OtomaX dialects asks for bills and pays them; null: the usual.
-- Locks: client, briefly (no default, no rewrite).

alter table client add column bill_codes jsonb;
