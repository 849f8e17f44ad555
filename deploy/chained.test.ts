/** One of us supplies another: what our dialects say, our default rules read. */

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { render } from '../gateway/dialects/otomax-template.ts'
import { type OtomaxOutcome, otomaxTemplates } from '../gateway/text/otomax.id.ts'
import { defaultRules } from '../services/parser/default-rules.ts'
import { RuleSet } from '../services/parser/rules.ts'

const rules = new RuleSet(defaultRules)

const said = (style: 'otomax' | 'irs', outcome: OtomaxOutcome): string =>
  render(otomaxTemplates[style][outcome], outcome, {
    member: { memberId: 'MEMBER1', name: 'Toko Contoh' },
    ...{ product: 's10', dest: '081200000001', ref: 'REF-1' },
    order: { trxId: '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881', price: 10_500, sn: '12-5/A.B' },
    ...{ balance: 14_274_382, note: 'Produk gangguan.', at: 0 },
  })

test('chained: what a Laju answers is read by another one as it was meant (OTT1, PAD1)', () => {
  for (const style of ['otomax', 'irs'] as const) {
    for (const [outcome, meant] of [
      ...([['accepted', 'pending'] as const, ['processing', 'pending'] as const] as const),
      ...([['success', 'success'] as const, ['failed', 'failed'] as const] as const),
      ...([['refused', 'failed'] as const, ['refunded', 'failed'] as const] as const),
    ]) {
      const text = said(style, outcome)
      for (const channel of ['reply', 'status'] as const) {
        const found = rules.match(channel, text)
        equal(found?.rule.outcome, meant, `${channel}: ${text}`)
        const { ref, product, dest } = found!.fields
        deepEqual([ref, product, dest], ['REF-1', 'S10', '081200000001'], text)
      }
    }
    const { sn, cost } = rules.match('reply', said(style, 'success'))!.fields
    deepEqual([sn, cost?.replace('.', '')], ['12-5/A.B', '10500'])
  }
})
