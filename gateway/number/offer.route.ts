/**
 * What the number line offers, as its staff sets it: suppliers, prices, names, settings, and what
 * or whom it does not serve. Who may do what: `gateway/number/admin.route.ts`.
 *
 * NMA5. A change of prices or settings names the version that it was made of.
 */

import type { z } from 'zod/v4'
import type { MarkupWords } from '../../services/contract/number-admin.ts'
import type { Edge } from '../edge.ts'
import { readBody, readQuery } from '../reading.ts'
import { staff } from '../router.ts'
import { said } from '../said.ts'
import { wireRow } from '../soundbox/wire.ts'
import { numberAdminText as words } from '../text/number-admin.id.ts'
import { admins, type Hang, payers, root } from './admin.doors.ts'
import {
  allowing,
  denying,
  markupChanging,
  markupPreviewing,
  markupRemoving,
  nameListing,
  naming,
  numbered,
  reviewDeciding,
  reviewListing,
  type ruleShape,
  settingChanging,
  supplierCode,
  supplierPutting,
} from './admin.shapes.ts'

export function numberOffer(hang: Hang, edge: Edge) {
  markup(hang, edge)
  names(hang, edge)
  suppliers(hang, edge)
  settings(hang, edge)
  abuse(hang, edge)
}

function suppliers(hang: Hang, edge: Edge) {
  const one = `${root}/number-suppliers/:code`
  hang(`get ${root}/number-suppliers`, payers, words.suppliers, desk =>
    desk.ask(
      () => edge.call('numberDesk.suppliers', {}),
      ({ suppliers, kinds }) =>
        desk.give({ rows: suppliers.map(wireRow), kinds: kinds.map(wireRow) }),
    ),
  )
  hang(
    `put ${one}`,
    admins,
    words.supplierChanged,
    (desk, asked, [name = '']) => {
      const wish = readBody(desk.visit, asked.body, supplierPutting)
      if (wish === undefined) return
      if (!supplierCode.safeParse(name).success) return desk.visit.refuse('NOT_FOUND')
      const { base_url: baseUrl, terms, ...rest } = wish
      const { cancel_after_ms: cancelAfterMs, life_ms: lifeMs, poll_ms: pollMs, resends } = terms
      const wanted = { ...rest, baseUrl, terms: { cancelAfterMs, lifeMs, pollMs, resends } }
      desk.ask(
        () => edge.call('numberSupplier.put', { ...wanted, code: name, by: desk.actor.name }),
        told => desk.give(told),
      )
    },
    { act: 'number-supplier.change' },
  )
  hang(`post ${one}/test`, payers, words.supplierTested, (desk, _, [name = '']) =>
    desk.ask(
      () => edge.call('numberSupplier.test', { code: name }),
      told => desk.give(told),
    ),
  )
  hang(
    `post ${one}/refresh`,
    payers,
    words.supplierRefreshed,
    (desk, _, [name = '']) =>
      desk.ask(
        () => edge.call('numberSupplier.refresh', { code: name }),
        told => desk.give(wireRow(told)),
      ),
    { act: 'number-supplier.refresh' },
  )
}

type Place = z.infer<typeof markupRemoving>
const placeOf = ({ level, service, country, operator }: Omit<Place, 'version' | 'reason'>) => ({
  ...{ level, service, country, operator },
})

function ruleOf(rule: z.infer<typeof ruleShape>): MarkupWords {
  switch (rule.kind) {
    case 'percent':
      return { kind: rule.kind, rounding: rule.rounding, percentBp: rule.percent_bp }
    case 'fixed':
      return rule
    case 'tiered':
      return {
        ...{ kind: rule.kind, rounding: rule.rounding },
        steps: rule.steps.map(one => ({
          ...{ upTo: one.up_to, percentBp: one.percent_bp, fixed: one.fixed },
        })),
      }
  }
}

function markup(hang: Hang, edge: Edge) {
  hang(`get ${root}/markup`, payers, words.rules, desk =>
    desk.ask(
      () => edge.call('markup.rules', {}),
      told => desk.give(wireRow(told)),
    ),
  )
  hang(`get ${root}/markup/history`, payers, words.history, desk => {
    const asked = readQuery(desk.visit, numbered)
    if (asked === undefined) return
    const { cursor: before, limit } = asked
    desk.ask(
      () => edge.call('markup.history', said({ before, limit })),
      ({ rows, next }) =>
        desk.give({ rows: rows.map(wireRow), next_cursor: next === null ? null : String(next) }),
    )
  })
  hang(`post ${root}/markup/preview`, payers, words.preview, (desk, { body }) => {
    const wish = readBody(desk.visit, body, markupPreviewing)
    if (wish === undefined) return
    const rule = wish.rule === null ? null : ruleOf(wish.rule)
    desk.ask(
      () => edge.call('markup.preview', { place: placeOf(wish), rule }),
      told => desk.give(wireRow(told)),
    )
  })
  for (const [verb, expects] of [
    ['post', 'none'],
    ['put', 'one'],
  ] as const) {
    hang(
      `${verb} ${root}/markup`,
      admins,
      words.changed,
      (desk, { body }) => {
        const wish = readBody(desk.visit, body, markupChanging)
        if (wish === undefined) return
        const { version, reason } = wish
        const note = { version, reason, by: desk.actor.name, expects }
        desk.ask(
          () =>
            edge.call('markup.change', {
              ...{ place: placeOf(wish), rule: ruleOf(wish.rule), ...note },
            }),
          told => desk.give(told, subjectOf(wish)),
        )
      },
      { act: 'number-markup.change' },
    )
  }
  hang(
    `del ${root}/markup`,
    admins,
    words.changed,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, markupRemoving)
      if (wish === undefined) return
      const { version, reason } = wish
      const note = { version, reason, by: desk.actor.name }
      desk.ask(
        () => edge.call('markup.change', { place: placeOf(wish), rule: null, ...note }),
        told => desk.give(told, subjectOf(wish)),
      )
    },
    { act: 'number-markup.remove' },
  )
}

function names(hang: Hang, edge: Edge) {
  hang(`get ${root}/number-names`, payers, words.names, desk => {
    const asked = readQuery(desk.visit, nameListing)
    if (asked === undefined) return
    const { kind, search, cursor: after = '', limit } = asked
    desk.ask(
      () => edge.call('numberNames.list', { kind, search, after, limit }),
      ({ version, rows, next }) =>
        desk.give({ version, rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  hang(
    `put ${root}/number-names`,
    admins,
    words.named,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, naming)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberNames.put', { ...wish, by: desk.actor.name }),
        told => desk.give(told, `${wish.kind}/${wish.word}`),
      )
    },
    { act: 'number-name.change' },
  )
}

const subjectOf = ({ level, service, country, operator }: Omit<Place, 'version' | 'reason'>) =>
  [level, service || '*', country || '*', operator || '*'].join('/')

function settings(hang: Hang, edge: Edge) {
  hang(`get ${root}/number-settings`, staff, words.settings, desk =>
    desk.ask(
      () => edge.call('numberDesk.settings', {}),
      told => desk.give(wireRow(told)),
    ),
  )
  hang(
    `put ${root}/number-settings`,
    admins,
    words.set,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, settingChanging)
      if (wish === undefined) return
      const { version, reason, name, help_url: helpUrl, wait_minutes: waitMinutes } = wish
      const { code_shown_hours: codeShownHours, refund_alone_max: refundAloneMax } = wish
      const { retention_days: retentionDays } = wish
      const hours = { waitMinutes, codeShownHours, retentionDays }
      const wanted = said({ name, helpUrl, refundAloneMax, ...hours })
      const note = { version, reason, by: desk.actor.name }
      desk.ask(
        () => edge.call('numberDesk.set', { ...note, settings: wanted }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-settings.change' },
  )
}

function abuse(hang: Hang, edge: Edge) {
  hang(`get ${root}/abuse`, staff, words.reviews, desk => {
    const asked = readQuery(desk.visit, reviewListing)
    if (asked === undefined) return
    const { open = null, cursor = null, limit } = asked
    desk.ask(
      () => edge.call('abuse.reviews', { open, cursor, limit }),
      ({ rows, next }) =>
        desk.give({ rows: rows.map(reviewOf), next_cursor: next === null ? null : String(next) }),
    )
  })
  hang(
    `post ${root}/abuse/:id/decide`,
    admins,
    words.decided,
    (desk, { body }, [number = '']) => {
      const wish = readBody(desk.visit, body, reviewDeciding)
      if (wish === undefined) return
      if (!/^[1-9]\d{0,14}$/.test(number)) return desk.visit.refuse('NOT_FOUND')
      desk.ask(
        () => edge.call('abuse.decide', { id: Number(number), by: desk.actor.name, ...wish }),
        told => desk.give(reviewOf(told)),
      )
    },
    { act: 'number-abuse.decide' },
  )
  hang(`get ${root}/denied-services`, staff, words.denied, desk =>
    desk.ask(
      () => edge.call('abuse.denied', {}),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  hang(
    `post ${root}/denied-services`,
    admins,
    words.deny,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, denying)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('abuse.deny', { ...wish, by: desk.actor.name }),
        told => desk.give(wireRow(told), wish.pattern),
      )
    },
    { act: 'number-service.deny' },
  )
  hang(
    `del ${root}/denied-services`,
    admins,
    words.allow,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, allowing)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('abuse.allow', { ...wish, by: desk.actor.name }),
        () => desk.give({ pattern: wish.pattern }, wish.pattern),
      )
    },
    { act: 'number-service.allow' },
  )
}

const reviewOf = ({ bannedUntil, ...row }: { bannedUntil: number | null }): object =>
  wireRow({ ...row, banEndsAt: bannedUntil })
