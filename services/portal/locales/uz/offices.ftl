office-closed = { $value } kuni qabul yoʻq
