/** Whoever buys numbers. */

import { h } from '../kit/dom.js'
import { dayOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { cells, soft, strong } from './cells.js'
import { call } from './desk.js'
import { open as openUser } from './number-user.js'
import { numberWays, root } from './number-ways.js'
import { seeking } from './seeking.js'
import { usual } from './text.id.js'
import { users as words } from './text-number.id.js'

export const userTones = { active: 'good', suspended: 'bad', closed: 'soft' }

export function open(page) {
  if (page.rest !== '') return openUser(page)
  const { node, query, title } = page
  title(words.title)
  const any = ['', usual.all]
  const bar = seeking(
    query,
    { label: usual.search, placeholder: words.searchLike },
    [
      ['jenis', words.role, [any, ...Object.entries(words.roles)]],
      ['status', words.status, [any, ...Object.entries(words.statuses)]],
      ['blokir', words.banned, [any, ...Object.entries(words.bannedOnes)]],
    ],
    again,
  )
  const list = pagedList({
    label: words.title,
    shape: 'c4',
    row: userRow,
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const asked = {
        ...{ limit: 25, cursor, q: bar.sought(), role: bar.value('jenis') },
        ...{ status: bar.value('status'), banned: bar.value('blokir') },
      }
      const answer = await call('GET', `${root}/users${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(numberWays('nomor-pengguna'), bar.node, list.node)
  void list.again()

  function again() {
    remember('nomor-pengguna', bar.values())
    void list.again()
  }
}

const userRow = user =>
  cells(
    `#/nomor-pengguna/${user.user_id}`,
    strong(user.name),
    pill(
      userTones[user.status],
      user.ban === null ? words.statuses[user.status] : words.bannedOnes.true,
    ),
    soft(user.email ?? user.username),
    soft([words.level(user.level), dayOf(user.created_at)].join(' · ')),
  )
