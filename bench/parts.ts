/**
 * The parts of the bench, one per promise, by name. Some need whole processes; the others stand
 * beside the code that they measure, print one line of JSON, and are run from here.
 *
 *   npm run bench -- catalogue|price-list|what-if|routing|price-book|parser|rule-bench|
 *                    broker|soundbox|number|soak
 */
import { resolve } from 'node:path'
import type { Findings } from './beside.ts'
import { output } from './ground/processes.ts'
import { benchNumber } from './number/number.ts'
import type { PartSizes } from './part-sizes.ts'
import { benchSoak } from './soak.ts'
import { benchBroker } from './soundbox/broker.ts'
import { benchSoundbox } from './soundbox/soundbox.ts'
import { benchCatalogue } from './topup/catalogue.ts'
import { benchPriceList } from './topup/price-list.ts'
import { benchRules } from './topup/rule-bench.ts'
import { benchWhatIf } from './topup/what-if.ts'

export type Part = (sizes: PartSizes, seed: number) => Promise<Findings>

const beside =
  (file: string, size: keyof PartSizes): Part =>
  async sizes => {
    const path = resolve(import.meta.dirname, '../services', file)
    return JSON.parse(await output(path, [String(sizes[size])], {})) as Findings
  }

export const parts: Readonly<Record<string, Part>> = {
  catalogue: benchCatalogue,
  'price-list': benchPriceList,
  'what-if': benchWhatIf,
  routing: beside('routing/router.bench.ts', 'choices'),
  'price-book': beside('catalogue/book.bench.ts', 'priced'),
  parser: beside('parser/rules.bench.ts', 'replies'),
  'rule-bench': benchRules,
  broker: benchBroker,
  soundbox: benchSoundbox,
  number: benchNumber,
  soak: benchSoak,
}
