parts-title = Arizangiz boʻlimlari
parts-done = { $of } boʻlimdan { $n } tasi tayyor
parts-standing-cannot-start = Hozircha boshlab boʻlmaydi
parts-standing-not-started = Boshlanmagan
parts-standing-in-progress = Toʻldirilmoqda
parts-standing-done = Tayyor
parts-kept = Boʻlimlarni istagan tartibda toʻldiring. Javoblaringiz saqlanadi; hammasi tayyor boʻlgach, ularni tekshirib yuborasiz.
