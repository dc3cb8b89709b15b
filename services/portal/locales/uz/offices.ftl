office-closed = { $value } kuni qabul yoʻq
office-closed-due = Qaror muddati shu sababli uzaymaydi.
