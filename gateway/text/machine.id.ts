/** Said to machines: that what they brought arrived, and how the server is. */

export const machineText = {
  callback: 'Laporan diterima.',
  chat: 'Pesan diterima.',
  alive: 'Server hidup.',
  ready: 'Server siap.',
  unready: 'Server belum siap.',
  demoBox: 'Ini kotak suara demo.',
  demoPaid: 'Pembeli sudah membayar.',
} as const
