-- What became of each stored callback; null while nobody has understood it yet, so that one which
-- was stored just before a crash is read again.
-- Locks: callback_inbox, briefly (a column without default, an index on few rows).

alter table callback_inbox add column verdict text;
create index callback_inbox_unread on callback_inbox (id) where verdict is null;
