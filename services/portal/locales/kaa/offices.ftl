office-closed = { $value } kúni qabıllaw joq
