/** For tests: what a mesh answers about products, the way of an order, and replies read. */

import type { CatalogueKind } from '../../services/contract/catalogue.ts'
import { bornAt, trxId } from '../scripted.fixture.ts'
import { rowOf, rowsOfKinds } from './catalogue.ts'
import { nothing, type Scripts } from './usual.fixture.ts'

const row = { id: 1, version: 1, name: 'XL' }

/** A row of this kind, as it is after its example was taken. */
const kept = (kind: CatalogueKind) => {
  const shape = rowOf(kind)
  const given = { valid_from: '2000-01-01T00:00:00+00:00', ...rowsOfKinds[kind] }
  return shape.parse({ ...given, version: 1, ...('id' in shape.shape ? { id: 1 } : {}) })
}

const priceChange = {
  ...{ id: 1, startsAt: bornAt, note: 'promo', state: 'applied', preview: { products: 1 } },
  changes: [{ op: 'put', rule: { scope: 'default', fixed: 100 } }],
  ...{ createdBy: 'admin', createdAt: bornAt, closedBy: 'admin', closedAt: bornAt },
}

const priceSync = {
  ...{ id: 1, supplier: 'digiflazz', askedAt: bornAt, askedBy: 'admin', outcome: 'proposed' },
  ...{ reason: 'moved', counts: { moved: 1 }, changesTotal: 1 },
  changes: [{ product: 'XLD10', before: { cost: 1 }, after: { cost: 2 } }],
  ...{ decidedBy: 'admin', decidedAt: bornAt },
}

export const catalogue: Scripts = {
  'catalogueAdmin.list': ({ kind }) => ({ ok: { rows: [kept(kind)], next: 'abc' } }),
  'catalogueAdmin.get': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.create': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.change': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.remove': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.history': () => ({
    ok: {
      rows: [
        {
          ...{ id: 1, at: bornAt, who: 'admin', entity: 'brand', key: 'XL', before: null },
          after: row,
        },
      ],
      next: '1',
    },
  }),
  'catalogueAdmin.exportCsv': () => ({ ok: { text: 'code\nXLD10\n', next: 'abc' } }),
  'catalogueAdmin.importCsv': () => ({
    ok: {
      kept: false,
      counts: { created: 1, changed: 0, unchanged: 0, refused: 1 },
      lines: [{ line: 3, result: 'refused', code: 'FIELDS_INVALID', details: { field: 'cost' } }],
    },
  }),
  'catalogueAdmin.previewPrices': () => ({
    ok: {
      ...{ products: 1, levels: [1], users: 2, appearing: 0, vanishing: 0, belowCost: 1 },
      ...{ biggest: { product: 'XLD10', who: '1', from: 1, to: 2 }, belowCostCodes: ['XLD10'] },
    },
  }),
  'catalogueAdmin.schedulePrices': () => ({ ok: priceChange }),
  'catalogueAdmin.priceChanges': () => ({ ok: { rows: [priceChange], next: '1' } }),
  'catalogueAdmin.cancelPrices': () => nothing,
  'catalogueAdmin.syncPrices': () => ({ ok: priceSync }),
  'catalogueAdmin.priceSyncs': () => {
    const { changes: _, ...listed } = priceSync
    return { ok: { rows: [listed], next: '1' } }
  },
  'catalogueAdmin.priceSync': () => ({ ok: priceSync }),
  'catalogueAdmin.decideSync': () => ({ ok: { applied: 1, passedOver: 0 } }),
}

const side = { orders: 1, successBp: 9_000, margin: 500, latencyMs: 7 }

const rule = { version: 3, scope: 'brand', target: 'XL', rule: { policy: 'cheapest' } }

export const routing: Scripts = {
  'routing.rules': () => ({ ok: [rule] }),
  'routing.history': () => ({
    ok: [{ ...rule, changedBy: 'admin', reason: 'murah', changedAt: bornAt }],
  }),
  'routing.suppliers': () => ({
    ok: [
      {
        ...{ supplier: 'digiflazz', breaker: 'closed', share: 100, successBp: 9_900 },
        ...{ latencyMs: 800, exposure: 0, exposureMax: null, balance: 5_000_000 },
      },
    ],
  }),
  'routing.change': () => ({ ok: { version: 4 } }),
  'routing.why': () => ({
    ok: {
      ...{ trxId, version: 3, policy: 'cheapest', plan: ['a'], recomputed: ['a'], same: true },
      candidates: [
        {
          ...{ supplier: 'a', cost: 1, successBp: 9_500, latencyMs: 5 },
          ...{ share: 100, place: 1, left: null },
        },
      ],
    },
  }),
  'routing.whatIf': () => ({
    ok: {
      ...{ orders: 1, reproduced: 1, differing: [trxId], moved: 0 },
      firsts: [{ supplier: 'a', recorded: 1, proposed: 1 }],
      ...{ recorded: side, today: side, proposed: side },
    },
  }),
}

const made = { version: 2, digest: 'd', note: '', madeBy: 'budi', madeAt: bornAt }

const finding = { rule: 'sukses', kind: 'slow', detail: '' }

export const parser: Scripts = {
  'parser.inbox': () => ({
    ok: [
      {
        ...{ supplier: 'oto', channel: 'reply', sample: 'aneh', count: 2 },
        ...{ firstAt: bornAt, lastAt: bornAt, draft: { regex: 'aneh' } },
      },
    ],
  }),
  'parser.rules': () => ({
    ok: {
      ...{ active: 2, rules: [{ name: 'r' }] },
      versions: [{ ...made, supplier: 'oto', rules: 1 }],
      history: [{ version: 2, bench: 7, by: 'budi', at: bornAt }],
    },
  }),
  'parser.save': () => ({ ok: { version: 3, digest: 'd', findings: [finding] } }),
  'parser.test': () => ({
    ok: {
      findings: [finding],
      channels: [{ channel: 'reply', matches: ['r'], fields: { sn: '1' }, verdict: null }],
      draft: {},
    },
  }),
  'parser.bench': ({ supplier }) => ({
    ok: {
      ...{ id: 7, supplier, replies: 10, changed: 1, toSuccess: 1, complete: true, ms: 3 },
      changes: [{ where: 'x', channel: 'reply', reply: 'ya', before: 'unknown', after: 'success' }],
      conflicts: [finding],
    },
  }),
  'parser.activate': ({ supplier, version }) => ({ ok: { supplier, version } }),
  'parser.template': () => ({ ok: { version: 1 } }),
}
