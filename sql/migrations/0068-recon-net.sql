-- What an acquirer will pay for a day is unknown where its report does not say it; zero would be held
-- against the bank's statement as if it had said zero.
-- Locks: recon_run for a moment.

alter table recon_run alter column net drop not null, alter column net drop default;
