"""People who come in from Google, VK, Yandex or Telegram."""
