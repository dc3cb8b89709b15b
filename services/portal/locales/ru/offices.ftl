office-closed = { $value } – приёма нет
