/** The office's pages and their menu. */

import { openFrame } from '../kit/frame.js'
import { forgetNames, mayOpen, resume, session, signOut } from './desk.js'
import { nav } from './text.id.js'

openFrame({
  ...{ session, resume, signOut, nav, mayOpen, ends: forgetNames },
  home: 'beranda',
  pages: {
    masuk: () => import('./sign-in.js'),
    beranda: () => import('./dashboard.js'),
    merchant: () => import('./merchants.js'),
    perangkat: () => import('./devices.js'),
    transaksi: () => import('./payments.js'),
    pencairan: () => import('./settlements.js'),
    rekonsiliasi: () => import('./reconciliation.js'),
    callback: () => import('./callbacks.js'),
    ekspor: () => import('./exports.js'),
    audit: () => import('./audit.js'),
    orang: () => import('./people.js'),
    lainnya: () => import('./more.js'),
  },
  menu: [
    ['beranda', 'home'],
    ['transaksi', 'history'],
    ['merchant', 'shop'],
    ['perangkat', 'box'],
    ['pencairan', 'deposit'],
    ['rekonsiliasi', 'mutations'],
    ['callback', 'waiting'],
    ['ekspor', 'bulk'],
    ['audit', 'key'],
    ['orang', 'downlines'],
    ['lainnya', 'more'],
  ],
  below: ['beranda', 'transaksi', 'merchant', 'perangkat', 'lainnya'],
})
