/** Alarms, for staff. */

export const alarmText = {
  list: 'Daftar alarm, terbaru lebih dulu.',
  read: 'Alarm dan riwayatnya.',
  acknowledged: 'Dicatat. Alarm ini tidak diulang lagi sampai selesai.',
  muted: 'Alarm ini diam sampai waktu itu.',
  unmuted: 'Alarm ini berbunyi lagi.',
  rules: 'Aturan alarm.',
  ruleChanged: 'Aturan alarm diperbarui.',
  channels: 'Kanal alarm.',
  channelChanged: 'Kanal alarm disimpan.',
  channelMade: 'Kanal alarm siap. Simpan secret ini sekarang; kami tidak menampilkannya lagi.',
  history: 'Riwayat alarm, aturan, dan kanal.',
  tested: {
    sent: 'Pesan uji sudah sampai.',
    waiting: 'Pesan uji sedang dikirim.',
    failed: 'Pesan uji tidak sampai. Lihat problem.',
  },
} as const
