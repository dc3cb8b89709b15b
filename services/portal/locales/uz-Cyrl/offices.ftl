office-closed = { $value } куни қабул йўқ
