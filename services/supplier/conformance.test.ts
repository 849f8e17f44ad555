import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { Adapter } from './adapter.ts'
import { atlantic } from './atlantic.ts'
import { atlanticSamples } from './atlantic-samples.fixture.ts'
import { conformance, type Samples } from './conformance.ts'
import { digiflazz } from './digiflazz.ts'
import { digiflazzSamples } from './digiflazz-samples.fixture.ts'
import {
  genericOfSamples,
  genericSamples,
  repeatingOfSamples,
  repeatingSamples,
} from './generic-samples.fixture.ts'
import { otomax } from './otomax.ts'
import { otomaxSamples } from './otomax-samples.fixture.ts'
import { vip } from './vip.ts'
import { vipSamples } from './vip-samples.fixture.ts'

const kit: readonly (readonly [Adapter, Samples])[] = [
  [digiflazz, digiflazzSamples],
  [atlantic, atlanticSamples],
  [vip, vipSamples],
  [otomax, otomaxSamples],
  [genericOfSamples, genericSamples],
  [repeatingOfSamples, repeatingSamples],
]

for (const [adapter, samples] of kit) {
  for (const { title, run } of conformance(adapter, samples)) test(title, run)
}

const rules = ['ADA1', 'ADA2', 'ADA3', 'ADA4', 'ADA5', 'ADA6', 'ADA7', 'ADA8', 'ADA9']
test('conformance: every rule: has its case (ADA1, ADA2, ADA3, ADA4, ADA8, ADA9)', () => {
  const titles = conformance(digiflazz, digiflazzSamples).map(({ title }) => title)
  for (const rule of rules)
    ok(
      titles.some(title => title.includes(rule)),
      rule,
    )
})

/** Adapters that go wrong in one way each, and the case that must notice. */
const broken: Record<string, [flaw: Partial<Adapter>, title: RegExp]> = {
  'that calls a page a failure': [
    {
      read: (answer, asked, occasion, credentials) =>
        answer.body.startsWith('<')
          ? digiflazz.read(
              { ...answer, body: digiflazzSamples.answers.failedRetryable.body },
              ...([asked, occasion, credentials] as const),
            )
          : digiflazz.read(answer, asked, occasion, credentials),
    },
    /an HTML page.*ADA1/,
  ],
  'that keeps whole replies': [
    {
      read: (answer, asked, occasion, credentials) => ({
        ...digiflazz.read(answer, asked, occasion, credentials),
        reply: answer.body,
      }),
    },
    /evidence.*ADA5/,
  ],
  'that believes everybody': [
    {
      callback: (_headers, body, secrets) => {
        const { headers } = digiflazzSamples.deliver(body.toString())
        return digiflazz.callback(headers, body, { ...digiflazzSamples.credentials, ...secrets })
      },
    },
    /forged.*ADA7/,
  ],
  'that takes the no to a repeat for one to the purchase': [
    {
      read: (answer, asked, _, credentials) =>
        digiflazz.read(answer, asked, 'purchase', credentials),
    },
    /asked about by repeating it.*ADA9/,
  ],
  'whose reading check would buy': [
    { card: { ...digiflazz.card, recheck: 'read_only' } },
    /a check.*ADA6/,
  ],
}
for (const [what, [flaw, title]] of Object.entries(broken)) {
  test(`conformance: an adapter ${what}: found out (ADA1, ADA5, ADA6, ADA7, ADA9)`, () => {
    const cases = conformance({ ...digiflazz, ...flaw }, digiflazzSamples)
    const found = cases.filter(one => {
      try {
        one.run()
        return false
      } catch {
        return true
      }
    })
    equal(
      found.some(one => title.test(one.title)),
      true,
      found.map(one => one.title).join('\n'),
    )
  })
}
