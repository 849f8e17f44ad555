/** The merchant's pages and their menu. */

import { openFrame } from '../kit/frame.js'
import { forgetTerminals, live, resume, session, signOut } from './desk.js'
import { nav } from './text.id.js'

openFrame({
  ...{ session, resume, signOut, nav, begins: live.connect },
  ends() {
    live.disconnect()
    forgetTerminals()
  },
  home: 'beranda',
  pages: {
    masuk: () => import('./sign-in.js'),
    beranda: () => import('./today.js'),
    transaksi: () => import('./payments.js'),
    qr: () => import('./charge.js'),
    kotak: () => import('./boxes.js'),
    terminal: () => import('./terminals.js'),
    pencairan: () => import('./settlements.js'),
    toko: () => import('./shop.js'),
    lainnya: () => import('./more.js'),
  },
  menu: [
    ['beranda', 'home'],
    ['transaksi', 'history'],
    ['qr', 'qr'],
    ['kotak', 'box'],
    ['terminal', 'print'],
    ['pencairan', 'deposit'],
    ['toko', 'shop'],
    ['lainnya', 'more'],
  ],
  below: ['beranda', 'transaksi', 'qr', 'kotak', 'lainnya'],
})
