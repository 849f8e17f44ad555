/** The register of boxes: how each is, where it differs from what was wished, and a new one. */

import { h } from '../kit/dom.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { ago } from '../kit/text.id.js'
import { watch } from '../kit/watch.js'
import { cells, choice, input, soft, strong } from './cells.js'
import { deed, needed } from './deed.js'
import { call, names } from './desk.js'
import { open as openDevice } from './device.js'
import { seeking } from './seeking.js'
import { usual, devices as words } from './text.id.js'

const any = ['', usual.all]

export function open(page) {
  if (page.rest !== '') return openDevice(page)
  const { node, query, title, signal } = page
  title(words.title)
  const bar = seeking(
    query,
    { label: usual.search, placeholder: words.searchLike },
    [
      ['sambungan', words.online, [any, ...Object.entries(words.onlines)]],
      ['pengaturan', words.drift, [any, ...Object.entries(words.drifts)]],
      ['status', words.status, [any, ...Object.entries(words.statuses)]],
    ],
    again,
  )
  let known = null
  const list = pagedList({
    label: words.title,
    shape: 'c4',
    row: one => deviceRow(one, known),
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const asked = {
        ...{ limit: 50, cursor, q: bar.sought(), status: bar.value('status') },
        ...{ online: bar.value('sambungan'), drift: bar.value('pengaturan') },
      }
      const [answer, found] = await Promise.all([
        call('GET', `/admin/devices${asking(asked)}`),
        names(),
      ])
      known = found
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const add = deed({
    ...{ name: words.add, group: 'keepers', path: '/admin/devices' },
    fields: [
      input('vendor', words.vendor, { maxlength: 60, read: needed }),
      input('model', words.model, { maxlength: 60, read: needed }),
      input('serial', words.serial, { maxlength: 60 }),
      choice('acks', words.acks, Object.entries(words.ackKinds)),
    ],
    once: made => [
      [words.id, made.device_id],
      [words.secret, made.secret],
    ],
    after: () => list.renew(),
  })
  node.append(add, bar.node, list.node)
  void list.again()
  watch(async () => scrollY > 400 || (await list.renew()).ok, { node, signal, pauseMs: 5_000 })

  function again() {
    remember('perangkat', bar.values())
    void list.again()
  }
}

export const linkPill = ({ status, health }) =>
  status === 'active'
    ? pill(health.online ? 'good' : 'bad', words.onlines[health.online])
    : pill('soft', words.statuses[status])

export const placeOf = ({ binding }, known) =>
  binding === null
    ? words.unbound
    : `${known.merchant(binding.merchant_id)} · ${known.terminal(binding.terminal_id)}`

export const reasonsOf = ({ health }) =>
  health.reasons.length === 0
    ? words.fine
    : health.reasons.map(one => words.reasons[one] ?? one).join(', ')

function deviceRow(device, known) {
  const { model, health } = device
  const seen = health.last_seen_at === null ? words.never : ago(health.last_seen_at)
  return cells(
    `#/perangkat/${device.device_id}`,
    strong(`${model.vendor} ${model.name}`),
    linkPill(device),
    soft(placeOf(device, known)),
    soft(`${words.health(health.score)} · ${seen}`),
    h('span', { class: 'soft wide' }, reasonsOf(device)),
  )
}
