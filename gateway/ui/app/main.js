/** The reseller area: its pages, its menu, and the line that is open while somebody is in. */

import { openFrame } from '../kit/frame.js'
import { resume, session, signOut } from '../kit/session.js'
import { connect, disconnect } from './live.js'
import { text } from './text.id.js'

openFrame({
  ...{ session, resume, signOut, nav: text.nav, begins: connect, ends: disconnect },
  home: 'beranda',
  pages: {
    masuk: () => import('./sign-in.js'),
    beranda: () => import('./home.js'),
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
