moved-title = Xizmat oʻzgardi
moved-text = Arizangizni boshlaganingizdan keyin xizmat qoidalari yangilandi. Mos keladigan javoblaringiz saqlandi.
moved-added = Yangi savollar
moved-invalid = Endi toʻgʻri kelmaydigan javoblar – ularni tuzating
moved-dropped = Endi soʻralmaydigan javoblar – ular yuborilmaydi
moved-unnamed = Avvalgi savol
question-new = Yangi savol
draft-until = Davom ettirilmasa, { $value } kuni oʻchiriladi
