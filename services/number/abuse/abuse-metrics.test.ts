import { match } from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { registerAbuse } from './abuse-metrics.ts'

test('abuse metrics: what the guard counted: told as it stands at the scrape', async () => {
  const registry = new Registry()
  const refused = new Map([['open', 1]])
  const figures = { refused, bans: 2, reviews: 3, open: 4 }
  registerAbuse(registry, { figures: () => figures })
  await registry.metrics()
  refused.set('open', 5).set('denied', 6)
  const text = await registry.metrics()
  for (const line of [
    'laju_number_reviews_open 4',
    'laju_number_refused_total{reason="open"} 5',
    'laju_number_refused_total{reason="denied"} 6',
    'laju_number_bans_total 2',
    'laju_number_reviews_total 3',
  ]) {
    match(text, new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')}$`, 'm'))
  }
})
