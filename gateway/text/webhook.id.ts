/** Where a client is called, and each call. */

export const webhookOkText = {
  webhooks: 'Daftar webhook Anda.',
  webhookMade: 'Webhook siap. Simpan secret ini sekarang; kami tidak menampilkannya lagi.',
  webhookChanged: 'Webhook diperbarui.',
  webhookRemoved: 'Webhook dihapus.',
  webhookPing: 'Tes panggilan sudah dikirim.',
  deliveries: 'Catatan pengiriman webhook.',
  replay: 'Pengiriman ulang dijadwalkan.',
  events: 'Kejadian pada akun Anda.',
} as const
