/**
 * Buying, one question after the other: what, for whom, which, and is it right. Each step is an
 * address of its own, so that "back" goes one step back and finds what was typed.
 *
 * WUF1. Nobody pays more than what stood on the screen.
 * WUF2. A bill is looked at before it is paid.
 */

import { action } from '../kit/action.js'
import { fill, h, icon } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { bare, hourOf, rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { go, remember } from '../kit/router.js'
import { call, decide } from './api.js'
import { brandOf } from './prefix.js'
import { products } from './products.js'
import { text } from './text.id.js'

const words = text.buy
const phones = new Set(['Pulsa', 'Data'])

export function open(page) {
  const { query } = page
  if (query.get('produk') !== null) return void confirm(page)
  if (query.get('jenis') !== null) return void choose(page)
  page.title(words.title)
  const tiles = h('div', null, skeleton(3))
  page.node.append(tiles)
  void bring()

  async function bring() {
    const shelf = await products()
    fill(tiles, shelf.ok ? categoryTiles(shelf.rows) : trouble(shelf.sentence, bring))
  }
}

export function categoryTiles(rows) {
  const known = Object.keys(text.categories)
  const rank = category => (known.indexOf(category) + 100) % 100
  const categories = [...new Set(rows.map(row => row.category))].sort((a, b) => rank(a) - rank(b))
  return h(
    'ul',
    { class: 'tiles' },
    categories.map(category =>
      h(
        'li',
        null,
        h(
          'a',
          { href: `#/beli?${new URLSearchParams({ jenis: category })}` },
          icon(category),
          words.titleOf(category),
        ),
      ),
    ),
  )
}

async function choose({ node, query, title }) {
  const category = query.get('jenis')
  const isPhone = phones.has(category)
  title(words.titleOf(category))
  const number = field(
    words.number[category] ?? words.numberElse,
    h('input', {
      inputmode: isPhone ? 'tel' : null,
      type: isPhone ? 'tel' : 'text',
      autocomplete: 'off',
      placeholder: words.numberLike[category] ?? '',
      maxlength: 40,
      value: query.get('nomor') ?? '',
    }),
  )
  const chips = h('div', { class: 'chips', role: 'group' })
  const shelf = h('div', null, skeleton(4))
  node.append(h('form', { novalidate: true, onsubmit: stay }, number.node), chips, shelf)
  if (number.control.value === '') number.control.focus()

  let rows = []
  let brands = []
  let picked = query.get('merek') ?? undefined
  number.control.addEventListener('input', () => {
    if (isPhone) picked = undefined
    show()
  })
  await bring()

  async function bring() {
    const told = await products()
    if (!told.ok) return fill(shelf, trouble(told.sentence, bring))
    rows = told.rows.filter(row => row.category === category)
    brands = [...new Set(rows.map(row => row.brand))].sort((a, b) => (a === '') - (b === ''))
    show()
  }

  function show() {
    const typed = bare(number.control.value)
    const guessed = isPhone ? brandOf(typed, brands) : undefined
    const brand = picked ?? guessed ?? (brands.length === 1 ? brands[0] : undefined)
    remember('beli', { jenis: category, nomor: typed, merek: picked })
    const said = guessed !== undefined && picked === undefined ? words.detected(guessed) : ''
    if (!number.control.hasAttribute('aria-invalid')) number.say(said)
    const label = isPhone ? words.brand : words.brandElse
    chips.setAttribute('aria-label', label)
    fill(
      chips,
      brands.length > 1 && h('h2', null, label),
      brands.length > 1 &&
        brands.map(one =>
          h(
            'button',
            {
              type: 'button',
              'aria-pressed': String(one === brand),
              onclick: () => {
                picked = one
                show()
              },
            },
            one === '' ? words.brandOther : one,
          ),
        ),
    )
    if (brands.length === 0) return fill(shelf, h('p', { class: 'empty' }, words.none))
    if (brand === undefined) {
      const hint = isPhone ? words.waitBrand : words.waitBrandElse
      return fill(shelf, h('p', { class: 'empty' }, hint))
    }
    const offered = rows.filter(row => row.brand === brand).sort((a, b) => a.price - b.price)
    fill(
      shelf,
      h('h2', null, words.products),
      h(
        'ul',
        { class: 'goods' },
        offered.map(row => h('li', null, good(row))),
      ),
    )
  }

  function good(row) {
    const { cut_off_start: from, cut_off_end: to } = row
    return h(
      'button',
      {
        type: 'button',
        class: 'good',
        'data-code': row.code,
        'aria-disabled': row.open ? null : 'true',
        onclick: () => row.open && take(row),
      },
      h('b', null, row.name),
      h(
        'span',
        { class: row.open ? 'money' : 'soft' },
        !row.open
          ? words.closed(from, to)
          : row.type === 'postpaid'
            ? words.bill
            : rupiah(row.price),
      ),
    )
  }

  function take(row) {
    const typed = bare(number.control.value)
    const problem = problemOf(typed, isPhone)
    if (problem !== '') return number.complain(problem)
    go(`#/beli?${new URLSearchParams({ jenis: category, nomor: typed, produk: row.code })}`)
  }
}

function problemOf(number, isPhone) {
  if (number === '') return words.numberEmpty
  if (isPhone) return /^(\+?62|0)8\d{7,12}$/.test(number) ? '' : words.numberOdd
  return number.length < 4 ? words.numberShort : ''
}

const stay = event => event.preventDefault()

async function confirm({ node, query, title }) {
  const say = text.confirm
  const [code, number] = [query.get('produk'), query.get('nomor') ?? '']
  title(say.title)
  const body = h('div', null, skeleton(4))
  node.append(body)
  await bring()

  async function bring() {
    const told = await products()
    if (!told.ok) return fill(body, trouble(told.sentence, bring))
    const row = told.byCode.get(code)
    if (row === undefined) return fill(body, h('p', { class: 'empty' }, say.gone))
    if (row.type === 'postpaid') await bill(row)
    else await purchase(row)
  }

  async function purchase(row) {
    const purse = call('GET', '/api/v1/balance')
    const holder = h('dd', null, '…')
    const holderRow = h('div', null, h('dt', null, say.holder), holder)
    const facts = [
      [say.product, row.name],
      [say.to, number],
    ]
    const isMeter = row.category === 'PLN'
    settle({
      facts,
      extra: isMeter ? holderRow : null,
      price: row.price,
      priceWords: say.price,
      go: say.go,
      back: backOf(row),
      wish: { max_price: row.price },
      purse,
    })
    if (!isMeter) return
    const wish = { product_code: code, destination: number }
    const answer = await call('POST', '/api/v1/transactions/inquiry', wish)
    if (answer.ok && answer.data.kind === 'meter') holder.textContent = answer.data.customer_name
    else holderRow.remove()
  }

  async function bill(row) {
    title(say.titleBill)
    fill(body, h('p', { class: 'soft', role: 'status' }, say.asking), skeleton(4))
    const purse = call('GET', '/api/v1/balance')
    const wish = { product_code: code, destination: number }
    const answer = await call('POST', '/api/v1/transactions/inquiry', wish)
    if (!answer.ok)
      return fill(
        body,
        trouble(answer.sentence, () => bill(row)),
      )
    const { customer_name, periods, amount, admin_fee, total, price, inquiry_token, expires_at } =
      answer.data
    settle({
      facts: [
        [say.product, row.name],
        [say.to, number],
        [say.holder, customer_name],
        ...(periods.length === 0 ? [] : [[say.periods, periods.join(', ')]]),
        [say.amount, rupiah(amount)],
        [say.fee, rupiah(admin_fee)],
        [say.total, rupiah(total)],
      ],
      note: say.until(hourOf(expires_at)),
      price,
      priceWords: say.priceBill,
      go: say.pay,
      back: backOf(row),
      wish: { inquiry_token },
      purse,
      again: () => bill(row),
    })
  }

  function backOf({ category, brand }) {
    return `#/beli?${new URLSearchParams({ jenis: category, nomor: number, merek: brand })}`
  }

  function settle({ facts, extra = null, note = '', price, priceWords, wish, purse, ...how }) {
    const left = h('dd', null, '…')
    const ways = h('p', { class: 'ways' })
    const act = action(how.go, send, { busy: say.sending })
    fill(
      body,
      h(
        'div',
        { class: 'card' },
        h('dl', null, facts.map(line), extra, line([priceWords, rupiah(price)], 'sum'), [
          h('div', null, h('dt', null, say.left), left),
        ]),
        note !== '' && h('p', { class: 'soft small' }, note),
      ),
      act.note,
      act.button,
      ways,
      h('p', { class: 'ways' }, h('a', { href: how.back }, say.change)),
    )
    void purse.then(answer => {
      if (!answer.ok) return left.parentElement.remove()
      const rest = answer.data.available - price
      left.textContent = rupiah(Math.max(0, rest))
      if (rest >= 0) return
      act.bar(say.short(-rest))
      fill(ways, h('a', { href: '#/deposit', class: 'button' }, say.deposit))
    })

    async function send() {
      fill(ways)
      act.say('')
      const order = { product_code: code, destination: number, ...wish }
      const answer = await decide(`order ${code} ${number}`, '/api/v1/transactions', order)
      if (answer.ok) return go(`#/pesanan/${answer.data.trx_id}`, { replace: true })
      act.say(answer.sentence, answer.isLost ? 'warn' : 'bad')
      const stale = how.again !== undefined && answer.code?.startsWith('INQUIRY')
      if (stale) fill(ways, action(say.askAgain, how.again, { kind: 'quiet' }).button)
      if (answer.code === 'INSUFFICIENT_BALANCE') {
        fill(ways, h('a', { href: '#/deposit', class: 'button' }, say.deposit))
      }
      if (['TWIN_ORDER', 'DUPLICATE_REF', 'INQUIRY_USED'].includes(answer.code)) {
        fill(ways, h('a', { href: '#/riwayat', class: 'button' }, say.seeHistory))
      }
    }
  }
}

const line = ([name, value], kind) =>
  h(
    'div',
    { class: typeof kind === 'string' ? kind : null },
    h('dt', null, name),
    h('dd', null, value),
  )
