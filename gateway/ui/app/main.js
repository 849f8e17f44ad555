/** The reseller area: its pages, its menu, and the line that is open while somebody is in. */

import { openFrame } from '../kit/frame.js'
import { resume, session, signOut } from '../kit/session.js'
import { connect, disconnect } from './live.js'
import { text } from './text.id.js'

/** Who buys numbers has the same account elsewhere, and nothing here. */
const mayOpen = word => session.user.role !== 'consumer' || ['beranda', 'lainnya'].includes(word)
const home = () => (mayOpen('beli') ? import('./home.js') : import('./elsewhere.js'))

openFrame({
  ...{ session, resume, signOut, nav: text.nav, mayOpen, ends: disconnect },
  begins: () => mayOpen('beli') && connect(),
  home: 'beranda',
  pages: {
    masuk: () => import('./sign-in.js'),
    beranda: home,
    beli: () => import('./buy.js'),
    pesanan: () => import('./order.js'),
    riwayat: () => import('./history.js'),
    harga: () => import('./prices.js'),
    mutasi: () => import('./mutations.js'),
    deposit: () => import('./deposit.js'),
    bayar: () => import('./pay.js'),
    downline: () => import('./downlines.js'),
    kunci: () => import('./key.js'),
    webhook: () => import('./webhooks.js'),
    borongan: () => import('./bulk.js'),
    kredit: () => import('./credit.js'),
    sesi: () => import('./sessions.js'),
    lainnya: () => import('./more.js'),
  },
  menu: [
    ['beranda', 'home'],
    ['beli', 'buy'],
    ['borongan', 'bulk'],
    ['riwayat', 'history'],
    ['deposit', 'deposit'],
    ['mutasi', 'mutations'],
    ['kredit', 'credit'],
    ['harga', 'prices'],
    ['downline', 'downlines'],
    ['kunci', 'key'],
    ['webhook', 'webhooks'],
    ['sesi', 'sessions'],
    ['lainnya', 'more'],
  ],
  below: ['beranda', 'beli', 'riwayat', 'deposit', 'lainnya'],
  partOf: { pesanan: 'riwayat', bayar: 'deposit' },
})
