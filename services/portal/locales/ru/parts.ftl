parts-title = Ваше заявление по разделам
parts-done = Готово разделов: { $n } из { $of }
parts-standing-cannot-start = Пока нельзя начать
parts-standing-not-started = Не начат
parts-standing-in-progress = Заполняется
parts-standing-done = Готово
parts-kept = Заполняйте разделы в любом порядке. Ответы сохраняются; когда всё готово, вы проверите и отправите их.
