parts-title = Аризангиз бўлимлари
parts-done = { $of } бўлимдан { $n } таси тайёр
parts-standing-cannot-start = Ҳозирча бошлаб бўлмайди
parts-standing-not-started = Бошланмаган
parts-standing-in-progress = Тўлдирилмоқда
parts-standing-done = Тайёр
parts-kept = Бўлимларни истаган тартибда тўлдиринг. Жавобларингиз сақланади; ҳаммаси тайёр бўлгач, уларни текшириб юборасиз.
