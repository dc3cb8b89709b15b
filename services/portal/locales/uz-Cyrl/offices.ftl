office-closed = { $value } куни қабул йўқ
office-closed-due = Қарор муддати шу сабабли узаймайди.
