-- What no deployment offers until somebody decides otherwise: numbers for banks, wallets, payment
-- apps and public authorities.
-- Locks: none that last; a few rows.

insert into number_denied (pattern, reason, by)
select pattern, 'Bank, dompet digital, pembayaran, atau layanan pemerintah', 'system'
  from unnest(array[
    'bank', 'bca', 'bri', 'bni', 'btn', 'mandiri', 'cimb', 'danamon', 'permata', 'seabank', 'jago',
    'jenius', 'neobank', 'dana', 'ovo', 'gopay', 'shopeepay', 'linkaja', 'flip', 'doku', 'isaku',
    'paypal', 'wise', 'revolut', 'bpjs', 'dukcapil', 'pajak', 'samsat', 'kredivo', 'akulaku'
  ]) as usual (pattern)
on conflict do nothing;
