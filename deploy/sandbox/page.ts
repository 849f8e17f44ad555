/** The front page: which parties are here, and how to play. For people who build, in English. */

import type { Party } from './party.ts'

export function frontPage(url: string, parties: readonly Party[]): string {
  const rows = parties.map(party => {
    const { by_status, sold_more_than_once, refs } = party.sales.summary()
    const accounts = party.accounts().map(account => escaped(account.username))
    return `<tr><td><b>${party.name}</b><td>${escaped(party.about)}
<td><code>${url}/${party.name}</code>
<td>${accounts.join(', ') || '<i>none</i>'}<td>${refs} <small>(${by_status.success} success,
${by_status.pending} pending, ${by_status.failed} failed, ${sold_more_than_once} twice)</small>`
  })
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.4rem;
text-align:left;vertical-align:top}pre{background:#f4f4f4;color:#111;padding:1rem;
overflow:auto}</style>
<h1>Sandbox</h1>
<p>Simulators of the outside parties. They speak their real wire contracts; nothing here is money.
<table><tr><th>Party<th>Speaks<th>Base URL<th>Accounts<th>Sales${rows.join('')}</table>
<p><a href="/_sandbox/main">Play the outside world</a>: send an SMS to a rented number, pay a QR.
<h2>How to play</h2>
<pre>
# who may buy, and where callbacks go
curl ${url}/_sandbox/accounts -d '{"party":"digiflazz","username":"me","api_key":"secret"}'

# what the party believes to have sold: the truth to compare with
curl ${url}/_sandbox/sales?supplier=digiflazz
curl ${url}/_sandbox/sales/summary

# a bad day: one in ten sold and never answered, one in five pending
curl ${url}/_sandbox/faults -d '{"party":"digiflazz","timeout_after_sale":0.1,"pending":0.2}'
curl ${url}/_sandbox/faults -d '{}'

# a customer scans a merchant's QR and pays; who heard it at the counter
curl ${url}/_sandbox/pay -d '{"qr_string":"00020101…","amount":25000}'
curl ${url}/_sandbox/boxes

# an SMS to a number that somebody rented
curl ${url}/_sandbox/otp -d '{"number":"62812…","text":"Kode kamu 123-456"}'

# ninety-one days later
curl ${url}/_sandbox/clock -d '{"advance_ms":7862400000}'

# all forgotten, accounts kept
curl ${url}/_sandbox/reset -X POST
</pre>
<p>Test numbers (sku <code>xld10</code>): 087800001230 succeeds, 087800001232 fails,
087800001233 is pending and succeeds, 087800001234 is pending and fails. Others succeed.
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
