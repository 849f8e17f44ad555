-- Products whose serial numbers may come twice: a code that opens many, a number of the batch.
-- Locks: product briefly (constant default).

alter table product add column sn_repeats boolean not null default false;
