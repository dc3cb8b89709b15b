office-closed = { $value } – приёма нет
office-closed-due = Срок решения из-за этого не продлевается.
